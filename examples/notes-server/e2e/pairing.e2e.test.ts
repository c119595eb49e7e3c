import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  hasChromium,
  issueCode,
  launch,
  newPerson,
  pairByLink,
  picture,
  readQr,
  statusOf,
  writeNote,
} from './browser.ts'
import { buildPages, frameworks, startServer, stores } from './server.ts'

let browser: Browser

describe.skipIf(!hasChromium)('a person pairs a real browser', () => {
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
      test('SES-12 by link and click, a second one by typed code; a revoke signs it out within a second; log out', async () => {
        const { origin, link } = await startServer(setup)
        const first = await (await newPerson(browser)).newPage()

        // the printed link → the address bar no longer holds the code → one click → paired
        await first.goto(link)
        const pairButton = first.getByRole('button', { name: 'Pair this browser' })
        await pairButton.waitFor()
        expect(first.url()).toBe(`${origin}/pair`)
        expect(await first.locator('.origin').innerText()).toBe(origin)
        await picture(first, '01-link-opened')
        await pairButton.click()
        await first.getByRole('heading', { name: 'Notes' }).waitFor()
        await first.getByText('Live: notes appear as they are written.').waitFor()
        await picture(first, '02-paired-no-notes')
        await writeNote(first, 'Buy oat milk')
        await picture(first, '03-first-note')

        // a second browser is refused
        const secondPerson = await newPerson(browser)
        const second = await secondPerson.newPage()
        await second.goto(origin)
        await second.getByRole('heading', { name: 'This browser is not paired' }).waitFor()
        expect(await statusOf(second, '/api/notes')).toBe(401)
        expect(await second.getByText('Buy oat milk').count()).toBe(0)
        await picture(second, '04-second-refused')

        // the first issues a code, the second types it in lower case without dashes
        const { typed } = await issueCode(first)
        expect(await first.locator('#clock').innerText()).toMatch(/^\d{1,2}:\d\d$/)
        expect(await readQr(first)).toBe(await first.locator('#link').innerText())
        await picture(first, '05-code-issued')
        await second.getByRole('link', { name: 'Pair this browser' }).click()
        await second.getByLabel('Code').fill(typed.toLowerCase().replaceAll('-', ''))
        await picture(second, '06-code-typed')
        await second.keyboard.press('Enter')
        await second.getByText('Buy oat milk').waitFor()
        await second.getByText('Live: notes appear as they are written.').waitFor()
        await first.getByText(/^“.+” is paired now\.$/).waitFor()
        await first.locator('#devices > li').nth(1).waitFor()
        await picture(first, '07-two-devices')

        // both see a note appear live
        const third = await first.context().newPage()
        await third.goto(origin)
        await third.getByText('Live: notes appear as they are written.').waitFor()
        await writeNote(second, 'Water the plants')
        await third.getByText('Water the plants').waitFor()
        await picture(third, '08-live-on-the-first')
        await third.close()

        // revoked from the first: the socket closes within a second, the next request is 401, the page says so
        const closedAfter = await revokeOther(first, second)
        console.log(`The socket of the revoked browser closed ${closedAfter} ms after the click.`)
        expect(closedAfter).toBeLessThan(1_000)
        await second.getByRole('heading', { name: 'This browser was signed out' }).waitFor()
        expect(await second.getByText('Water the plants').count()).toBe(0)
        expect(await statusOf(second, '/api/notes')).toBe(401)
        await picture(second, '09-second-signed-out')
        await second.reload()
        await second.getByRole('heading', { name: 'This browser was signed out' }).waitFor()
        await first.locator('#devices > li').nth(1).waitFor({ state: 'detached' })
        await picture(first, '10-second-gone')

        // the first logs out
        await first.getByRole('button', { name: 'Log out' }).click()
        await first.getByRole('heading', { name: 'You are logged out' }).waitFor()
        expect(await statusOf(first, '/api/notes')).toBe(401)
        expect(
          (await first.context().cookies()).filter(({ name }) => name.includes('pair_')),
        ).toEqual([])
        await picture(first, '11-logged-out')
      })

      test('a used link is refused with its sentence, and a reload keeps the browser paired that used it', async () => {
        const { link } = await startServer(setup)
        const first = await pairByLink(await newPerson(browser), link)
        const other = await (await newPerson(browser)).newPage()
        await other.goto(link)
        await other.getByRole('button', { name: 'Pair this browser' }).click()
        await other.getByRole('alert').getByText('This code can not be used.').waitFor()
        await picture(other, '12-used-link')
        await other.getByLabel('Code').waitFor()

        await first.reload()
        await first.getByText('Live: notes appear as they are written.').waitFor()
        expect(await statusOf(first, '/api/notes')).toBe(200)
      })

      test('a mistyped code is told apart from a refused one, and stays in the field to be mended', async () => {
        const { origin, typed } = await startServer(setup)
        const page = await (await newPerson(browser)).newPage()
        await page.goto(`${origin}/pair`)
        const field = page.getByLabel('Code')
        await field.fill('0OI-1LO-000')
        await field.press('Enter')
        await page.getByRole('alert').getByText('That is not a pairing code.').waitFor()
        expect(await field.inputValue()).toBe('0OI-1LO-000')
        await picture(page, '13-not-a-code')
        await field.fill(` ${typed} `)
        await field.press('Enter')
        await page.getByRole('heading', { name: 'Notes' }).waitFor()
      })

      test('a browser that was paired to read only sees notes and has nothing to write or manage with', async () => {
        const { link } = await startServer(setup)
        const first = await pairByLink(await newPerson(browser), link)
        await first.getByRole('link', { name: 'Devices' }).click()
        await first.getByLabel('The new device may').selectOption('read')
        await first.getByRole('button', { name: 'Make a code' }).click()
        const reader = await pairByLink(
          await newPerson(browser),
          await first.locator('#link').innerText(),
        )
        await reader.getByText('This device may read notes, not write them.').waitFor()
        expect(await reader.getByRole('button', { name: 'Save note' }).count()).toBe(0)
        await picture(reader, '14-reader')
        const note = { method: 'POST', body: '{"text":"written all the same"}' }
        expect(await statusOf(reader, '/api/notes')).toBe(200)
        expect(await statusOf(reader, '/api/notes', note)).toBe(403)
        expect(await statusOf(reader, '/api/notes/any', { method: 'DELETE' })).toBe(403)
        expect(await statusOf(first, '/api/notes/any', { method: 'DELETE' })).toBe(404)
        await reader.getByRole('link', { name: 'Devices' }).click()
        await reader.getByText('neither see nor manage devices').waitFor()
      })

      test('the page of devices shows what other tabs change, and a code that is revoked while it waits pairs nobody', async () => {
        const { link } = await startServer(setup)
        const person = await newPerson(browser)
        const page = await pairByLink(person, link)
        const issued = await issueCode(page)
        const tab = await person.newPage()
        await tab.goto(page.url())
        await tab.locator('#codes').getByRole('button', { name: 'Revoke' }).click()
        await tab.getByText('No code is waiting.').waitFor()
        await page.getByText('That code is gone: it was used or revoked.').waitFor()

        const other = await (await newPerson(browser)).newPage()
        await other.goto(issued.link)
        await other.getByRole('button', { name: 'Pair this browser' }).click()
        await other.getByRole('alert').getByText('This code can not be used.').waitFor()
        expect(await statusOf(other, '/api/notes')).toBe(401)

        await page.getByRole('button', { name: 'Rename' }).click()
        await picture(page, '17-rename')
        await page.getByLabel('Name of this device').fill('Kitchen tablet')
        await page.keyboard.press('Enter')
        await tab.locator('#devices').getByText('Kitchen tablet').waitFor()
      })
    })
  })
})

/** Revokes the device that is not this one; answers how long after the click its socket closed. Milliseconds. */
async function revokeOther(page: Page, revoked: Page): Promise<number> {
  // nobody clicks in a tab that is hidden, and Chromium lets such a tab wait for a second
  await page.bringToFront()
  await page
    .locator('#devices')
    .getByRole('button', { name: /^Revoke/ })
    .click()
  await picture(page, '08b-asked-before-revoke')
  await page.evaluate(() => {
    addEventListener(
      'click',
      () => (document.documentElement.dataset['clickedAt'] = String(Date.now())),
      true,
    )
  })
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  const closed = await revoked.waitForFunction(() =>
    globalThis.closedSockets.find(({ code }) => code === 4003),
  )
  const clickedAt = Number(await page.evaluate(() => document.documentElement.dataset['clickedAt']))
  return ((await closed.jsonValue())?.at ?? Number.POSITIVE_INFINITY) - clickedAt
}
