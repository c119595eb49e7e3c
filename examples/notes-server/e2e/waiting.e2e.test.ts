import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, launch, newPerson, picture, statusOf } from './browser.ts'
import {
  approve,
  askToComeIn,
  matchCode,
  requests,
  requestWith,
  startWithOwner,
  switchTo,
  waitsNow,
} from './requests.ts'
import { buildPages, newFolder, startServer } from './server.ts'

let browser: Browser

describe.skipIf(!hasChromium)('a browser that waits', () => {
  beforeAll(async () => {
    await buildPages()
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
  })

  test('APP-11 CLT-04 a server that is killed is waited for: the request is there when it comes back, and is collected by who asked', async () => {
    const DATA = await newFolder()
    const { origin, owner, stop } = await startWithOwner(browser, { DATA })
    const newcomer = await askToComeIn(await newPerson(browser), origin)
    const number = await matchCode(newcomer)
    await requestWith(owner, number)
    const asked = countTokenRequests(newcomer)
    expect(await stop('SIGKILL')).toBeNull()
    await newcomer.getByText('The server can not be reached. This page goes on waiting').waitFor()
    await picture(newcomer, '50-server-away')
    expect(await matchCode(newcomer)).toBe(number)

    const setup = { framework: 'hono', store: 'sqlite' } as const
    const again = await startServer(setup, { DATA, PORT: new URL(origin).port })
    expect(again.output()).not.toContain('#')
    expect(again.output()).toContain(`${origin}/devices`)
    await newcomer.getByText('Waiting for a decision…').waitFor()
    expect(await matchCode(newcomer)).toBe(number)
    await newcomer.reload()
    await waitsNow(newcomer)
    expect(await matchCode(newcomer)).toBe(number)
    expect(await statusOf(newcomer, '/api/notes')).toBe(401)
    expect(asked()).toEqual([])
    await owner.reload()
    await approve(await requestWith(owner, number))
    await newcomer.getByRole('heading', { name: 'Notes' }).waitFor()
    await owner.locator('#devices > li').nth(1).waitFor()
  })

  test('APP-11 what was approved while nobody collected gives nothing until who asked comes back for it', async () => {
    const { origin, owner } = await startWithOwner(browser)
    const person = await newPerson(browser)
    const newcomer = await askToComeIn(person, origin)
    const card = await requestWith(owner, await matchCode(newcomer))
    await newcomer.close()
    await approve(card)
    const waiting = owner.locator('#decided > li')
    await waiting.getByText('waits to be collected until').waitFor()
    await picture(owner, '51-not-collected')
    expect(await owner.locator('#devices > li').count()).toBe(1)
    const back = await person.newPage()
    await back.goto(origin)
    await back.getByText('Live: notes appear as they are written.').waitFor()
    await waiting.waitFor({ state: 'detached' })
    await owner.locator('#devices > li').nth(1).waitFor()
  })

  test('CLT-04 other tabs show the same request, one of them alone asks the server, and all go on when it is granted', async () => {
    const { origin, owner } = await startWithOwner(browser)
    const person = await newPerson(browser)
    const notes = await person.newPage()
    await notes.goto(origin)
    await notes.getByRole('heading', { name: 'This browser is not paired' }).waitFor()
    await picture(notes, '52-not-paired')
    let open = 0
    let most = 0
    person.on('request', (request) => {
      if (!request.url().endsWith('/auth/claim')) return
      most = Math.max(most, ++open)
      void request.response().finally(() => open--)
    })
    const first = await askToComeIn(person, origin)
    const second = await person.newPage()
    await second.goto(`${origin}/pair`)
    await waitsNow(second)
    expect(await matchCode(second)).toBe(await matchCode(first))
    await notes.getByRole('heading', { name: 'This browser waits to be let in' }).waitFor()
    await picture(notes, '53-waits')
    await expect.poll(() => most).toBe(1)
    expect(await requests(owner).count()).toBe(1)
    await approve(await requestWith(owner, await matchCode(second)))
    for (const page of [first, second, notes])
      await page.getByText('Live: notes appear as they are written.').waitFor()
    expect(most).toBe(1)
    await owner.locator('#devices > li').nth(1).waitFor()
    expect(await owner.locator('#devices > li').count()).toBe(2)
  })

  test('CLT-04 a request whose way in was closed meanwhile is told so, and waits no more', async () => {
    const { origin, owner } = await startWithOwner(browser)
    const newcomer = await askToComeIn(await newPerson(browser), origin)
    await requestWith(owner, await matchCode(newcomer))
    await switchTo(owner, 'Not at all')
    await newcomer.getByRole('heading', { name: 'Nobody new is let in' }).waitFor()
    await newcomer.getByRole('alert').getByText('Nobody comes in that way at present.').waitFor()
    await picture(newcomer, '54-closed-meanwhile')
    expect(await statusOf(newcomer, '/api/notes')).toBe(401)
  })
})

/** Whatever would ask for a session while nothing was granted. */
function countTokenRequests(page: Page): () => string[] {
  const paths: string[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (/^\/auth\/(renew|redeem|tickets|token)$/.test(pathname)) paths.push(pathname)
  })
  return () => paths
}
