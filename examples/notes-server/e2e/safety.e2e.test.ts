import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attack, serveAttack } from './attack.ts'
import {
  countRedeems,
  hasChromium,
  issueCode,
  launch,
  newPerson,
  pairByLink,
  picture,
  statusOf,
} from './browser.ts'
import { buildPages, frameworks, startServer, stores } from './server.ts'

let browser: Browser

describe.skipIf(!hasChromium)('what a browser holds and what a link may do', () => {
  beforeAll(async () => {
    await buildPages()
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
  })

  describe.each(frameworks)('%s', (framework) => {
    describe.each(stores)('%s', (store) => {
      const setup = { framework, store }
      test('CODE-07 preview bots that get or head the link, with or without its fragment, do not spend the code', async () => {
        const { link } = await startServer(setup)
        const secret = new URL(link).hash.slice('#code='.length)
        expect(secret).toMatch(/^[\w-]{22}$/)
        for (const method of ['GET', 'HEAD']) {
          for (const url of [link, link.replace('#', '?')])
            expect((await fetch(url, { method })).status).toBe(200)
          const redeem = new URL(`/auth/redeem?code=${secret}`, link)
          expect((await fetch(redeem, { method })).status).toBe(405)
        }
        await pairByLink(await newPerson(browser), link)
      })

      test('CLT-02 the code leaves the address bar before anything is sent, and is sent once whatever is clicked', async () => {
        const { origin, link } = await startServer(setup)
        const secret = new URL(link).hash.slice('#code='.length)
        const page = await (await newPerson(browser)).newPage()
        const urls: string[] = []
        const redeems = countRedeems(page)
        page.on('request', (request) => void urls.push(request.url()))
        await page.goto(link)
        const button = page.getByRole('button', { name: 'Pair this browser' })
        await button.waitFor()
        expect(page.url()).toBe(`${origin}/pair`)
        expect(redeems()).toBe(0)
        await button.dblclick()
        await page.getByRole('heading', { name: 'Notes' }).waitFor()
        expect(redeems()).toBe(1)
        // the browser itself reports the document with its fragment, which never leaves it
        expect(urls.slice(1).filter((url) => url.includes(secret))).toEqual([])
        await page.goBack()
        await page.getByRole('heading', { name: 'This browser is paired' }).waitFor()
        expect(page.url()).not.toContain(secret)
      })

      test('CLT-02 a browser that is paired is not paired anew by another link, and its code stays good', async () => {
        const { link } = await startServer(setup)
        const first = await newPerson(browser)
        const page = await pairByLink(first, link)
        const issued = await issueCode(page)
        const redeems = countRedeems(page)
        await page.goto(issued.link)
        await page.getByText('The code of your link was not used').waitFor()
        expect(redeems()).toBe(0)
        await picture(page, '20-already-paired')
        const other = await pairByLink(await newPerson(browser), issued.link)
        expect(await statusOf(other, '/api/notes')).toBe(200)
      })

      test('CLT-03 other tabs learn of sign-in and sign-out by themselves', async () => {
        const { origin, link } = await startServer(setup)
        const person = await newPerson(browser)
        const waiting = await person.newPage()
        await waiting.goto(origin)
        await waiting.getByRole('heading', { name: 'This browser is not paired' }).waitFor()
        const page = await pairByLink(person, link)
        await waiting.getByText('Live: notes appear as they are written.').waitFor()
        await page.getByRole('button', { name: 'Log out' }).click()
        await page.getByRole('heading', { name: 'You are logged out' }).waitFor()
        await waiting.getByRole('heading', { name: 'This browser is not paired' }).waitFor()
      })

      test('SES-13 a browser that is paired with two servers of one host is known to each by a cookie of its own', async () => {
        const person = await newPerson(browser)
        const page = await pairByLink(person, (await startServer(setup)).link)
        const other = await pairByLink(person, (await startServer(setup)).link)
        const names = (await person.cookies()).map(({ name }) => name)
        expect(new Set(names).size).toBe(2)
        expect(await statusOf(page, '/api/notes')).toBe(200)
        expect(await statusOf(other, '/api/notes')).toBe(200)
        await page.getByRole('button', { name: 'Log out' }).click()
        await page.getByRole('heading', { name: 'You are logged out' }).waitFor()
        expect(await statusOf(page, '/api/notes')).toBe(401)
        await other.reload()
        await other.getByText('Live: notes appear as they are written.').waitFor()
      })

      test('POP-04 the key lies in IndexedDB, can not be exported, and survives a reload', async () => {
        const { link } = await startServer(setup)
        const page = await pairByLink(await newPerson(browser), link)
        const before = await readKey(page)
        expect(before).toMatchObject({
          extractable: false,
          algorithm: 'P-256',
          exported: 'InvalidAccessError',
        })
        await page.reload()
        await page.getByText('Live: notes appear as they are written.').waitFor()
        expect(await readKey(page)).toEqual(before)
      })

      test('POP-04 a key that was cleared away is told apart from a revoke', async () => {
        const { origin, link } = await startServer(setup)
        const first = await pairByLink(await newPerson(browser), link)
        const second = await pairByLink(await newPerson(browser), (await issueCode(first)).link)

        await second.goto('about:blank')
        await second.goto(`${origin}/icon.svg`) // a page of the same origin that holds the database open no more
        await second.evaluate(
          () =>
            new Promise<void>((resolve, reject) => {
              const request = indexedDB.deleteDatabase('pair')
              request.onsuccess = () => resolve()
              request.onerror = () => reject(request.error)
            }),
        )
        await second.goto(origin)
        await second.getByRole('heading', { name: 'The key of this browser is gone' }).waitFor()
        expect(await second.getByRole('status').innerText()).toContain('Nobody signed it out.')
        await picture(second, '21-key-lost')

        await second.getByRole('link', { name: 'Pair this browser' }).click()
        await second.getByLabel('Code').fill((await issueCode(first)).typed)
        await second.keyboard.press('Enter')
        await second.getByRole('heading', { name: 'Notes' }).waitFor()
        await first
          .locator('#devices')
          .getByRole('button', { name: /^Revoke/ })
          .first()
          .waitFor()
        await first.getByRole('button', { name: 'Revoke all others' }).click()
        await first.getByRole('dialog').getByRole('button', { name: 'Revoke all' }).click()
        await second.getByRole('heading', { name: 'This browser was signed out' }).waitFor()
      })

      test('SEC-22 a page of another localhost port can neither pair a browser nor use its pairing', async () => {
        const { origin, link, typed } = await startServer(setup)
        const attacker = await serveAttack()
        const victim = await newPerson(browser)
        const page = await victim.newPage()

        await page.goto(attacker)
        const redeem = JSON.stringify({ code: typed })
        expect(await attack(page, `${origin}/auth/redeem`, redeem)).toEqual([])
        expect(await victim.cookies(origin)).toEqual([])

        // the code is still good, and the cookie of the paired browser serves nobody else, though ports share a site
        const paired = await pairByLink(victim, link)
        expect(await statusOf(paired, '/api/notes')).toBe(200)
        await page.goto(attacker)
        expect(await attack(page, `${origin}/api/notes`, '{"text":"planted"}')).toEqual([])
        expect(await attack(page, `${origin}/auth/logout`, '{}')).toEqual([])
        expect(await paired.evaluate(async () => await (await fetch('/api/notes')).json())).toEqual(
          {
            items: [],
          },
        )
      })

      test('SEC-22 no other page can frame the one with the button', async () => {
        const { link } = await startServer(setup)
        const attacker = await serveAttack()
        const page = await (await newPerson(browser)).newPage()
        await page.goto(attacker)
        await page.evaluate((src) => {
          const frame = document.createElement('iframe')
          frame.src = src
          document.body.append(frame)
          return new Promise((resolve) => frame.addEventListener('load', resolve))
        }, link)
        expect(await page.frameLocator('iframe').getByRole('button').count()).toBe(0)
      })
    })
  })
})

/** What a script of the page can learn of the key. */
async function readKey(page: Page): Promise<Record<string, unknown>> {
  return await page.evaluate(async () => {
    const request = indexedDB.open('pair')
    const database = await new Promise<IDBDatabase>(
      (resolve) => (request.onsuccess = () => resolve(request.result)),
    )
    const all = database.transaction('keys').objectStore('keys').getAll()
    const [kept] = await new Promise<{ pair: CryptoKeyPair }[]>(
      (resolve) => (all.onsuccess = () => resolve(all.result)),
    )
    database.close()
    const { privateKey, publicKey } = kept!.pair
    const refused = async (format: 'jwk' | 'pkcs8'): Promise<string> =>
      await crypto.subtle.exportKey(format, privateKey).then(
        () => 'exported',
        (error: DOMException) => error.name,
      )
    return {
      extractable: privateKey.extractable,
      algorithm: (privateKey.algorithm as EcKeyAlgorithm).namedCurve,
      exported:
        (await refused('jwk')) === (await refused('pkcs8')) ? await refused('jwk') : 'differs',
      publicKey: (await crypto.subtle.exportKey('jwk', publicKey)).x,
    }
  })
}
