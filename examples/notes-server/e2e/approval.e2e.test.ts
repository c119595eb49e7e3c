import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, launch, newPerson, picture, statusOf, writeNote } from './browser.ts'
import {
  approve,
  askToComeIn,
  becomeOwner,
  decided,
  matchCode,
  openDevices,
  reject,
  requests,
  requestWith,
  switchTo,
} from './requests.ts'
import { buildPages, frameworks, startServer, stores } from './server.ts'

const live = 'Live: notes appear as they are written.'

let browser: Browser

describe.skipIf(!hasChromium)('a person lets other browsers in', () => {
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

      test('APP-11 APP-15 by the owner link; one asks, both see one number, it is approved with fewer scopes, collects and is revoked', async () => {
        const { origin, link, output } = await startServer(setup, { ADMISSION: 'approval' })
        expect(output()).not.toContain('#code=')
        const person = await newPerson(browser)
        const opened = await person.newPage()
        await opened.goto(link)
        await opened.getByRole('heading', { name: 'Become the owner of this server?' }).waitFor()
        expect(opened.url()).toBe(`${origin}/pair`)
        await picture(opened, '30-owner-link')
        await opened.close()
        const owner = await becomeOwner(person, link)
        await writeNote(owner, 'Buy oat milk')
        await openDevices(owner)
        await owner.getByText('Nobody is waiting.').waitFor()
        await picture(owner, '31-nobody-waits')

        // it asks and has nothing yet
        const newcomer = await newPerson(browser)
        const asked = await newcomer.newPage()
        await asked.goto(`${origin}/pair`)
        await asked.getByRole('heading', { name: 'Ask to be let in' }).waitFor()
        await picture(asked, '32-ask')
        await asked.close()
        const second = await askToComeIn(newcomer, origin)
        expect(await statusOf(second, '/api/notes')).toBe(401)
        expect(await newcomer.cookies()).toEqual([])
        await picture(second, '33-waiting')

        // the same number on both screens
        const card = await requestWith(owner, await matchCode(second))
        expect(await card.getByText(origin, { exact: true }).count()).toBe(1)
        expect(await card.getByText('127.0.0.1', { exact: true }).count()).toBe(1)
        await picture(owner, '34-request')

        await card.getByLabel('Write notes').uncheck()
        await card.getByLabel('Reason').fill('The tablet in the kitchen')
        await approve(card)
        await second.getByRole('heading', { name: 'Notes' }).waitFor()
        await second.getByText('This device may read notes, not write them.').waitFor()
        await second.getByText('Buy oat milk').waitFor()
        await second.getByText(live).waitFor()
        const note = { method: 'POST', body: '{"text":"written all the same"}' }
        expect(await statusOf(second, '/api/notes', note)).toBe(403)
        await requests(owner).waitFor({ state: 'detached' })
        await owner.locator('#devices > li').nth(1).waitFor()
        expect(await decided(owner).count()).toBe(0)

        // revoked: the socket closes at once, and it is known no more
        await owner
          .locator('#devices')
          .getByRole('button', { name: /^Revoke/ })
          .click()
        await owner.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
        await second.waitForFunction(() => closedSockets.some(({ code }) => code === 4003))
        await second.getByRole('heading', { name: 'This browser was signed out' }).waitFor()
        expect(await statusOf(second, '/api/notes')).toBe(401)

        // it may ask again, and starts clean
        const again = await askToComeIn(newcomer, origin, 'read')
        await requestWith(owner, await matchCode(again))
      })

      test('APP-09 CLT-04 who is rejected is told so and stays out until that is forgotten; others of that network wait a while', async () => {
        const { origin, link } = await startServer(setup, { ADMISSION: 'approval' })
        const owner = await becomeOwner(await newPerson(browser), link)
        await openDevices(owner)
        const newcomer = await newPerson(browser)
        const second = await askToComeIn(newcomer, origin)
        await reject(await requestWith(owner, await matchCode(second)), 'I do not know it')
        const turnedAway = second.getByRole('alert').getByText('This browser was turned away.')
        await turnedAway.waitFor()
        await picture(second, '35-rejected')
        await decided(owner).getByText('“I do not know it”').waitFor()
        await picture(owner, '36-decided')

        await second.getByRole('button', { name: 'Ask to be let in' }).click()
        await turnedAway.waitFor()
        expect(await requests(owner).count()).toBe(0)
        const other = await (await newPerson(browser)).newPage()
        await other.goto(`${origin}/pair`)
        await other.getByRole('button', { name: 'Ask to be let in' }).click()
        await other.getByRole('alert').getByText('Try again in 10 minutes.').waitFor()
        await picture(other, '37-limited')

        await decided(owner)
          .getByRole('button', { name: /^Forget / })
          .click()
        await decided(owner).waitFor({ state: 'detached' })
        await second.getByRole('button', { name: 'Ask to be let in' }).click()
        await approve(await requestWith(owner, await matchCode(second)))
        await second.getByText(live).waitFor()
      })

      test('APP-15 APP-17 the way in is switched on the page, and everybody sees it: code, both, closed and back', async () => {
        const { origin, link } = await startServer(setup)
        const person = await newPerson(browser)
        const owner = await person.newPage()
        await owner.goto(link)
        await owner.getByRole('button', { name: 'Pair this browser' }).click()
        await owner.getByRole('heading', { name: 'Notes' }).waitFor()
        await openDevices(owner)
        await owner.locator('#admission').waitFor()
        await picture(owner, '38-admission')
        const visitor = await (await newPerson(browser)).newPage()
        for (const [title, heading] of [
          ['Not at all', 'Nobody new is let in'],
          ['When you let it in', 'Ask to be let in'],
          ['With a code, and when you let it in', 'Pair this browser'],
          ['With a code', 'Pair this browser'],
        ] as const) {
          await switchTo(owner, title)
          await visitor.goto(`${origin}/pair`)
          await visitor.getByRole('heading', { name: heading }).waitFor()
          await picture(visitor, `39-${title.replaceAll(/\W+/g, '-')}`)
          await picture(owner, `40-${title.replaceAll(/\W+/g, '-')}`)
        }
      })
    })
  })
})
