import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  hasChromium,
  issueCode,
  launch,
  newPerson,
  pairByLink,
  picture,
  statusOf,
} from './browser.ts'
import {
  approve,
  blindfold,
  matchCode,
  openDevices,
  reject,
  requestWith,
  startWithOwner,
  switchTo,
  waitsNow,
} from './requests.ts'
import { buildPages, newFolder, startServer } from './server.ts'

const setup = { framework: 'hono', store: 'sqlite' } as const

let browser: Browser

describe.skipIf(!hasChromium)('how new devices come in', () => {
  beforeAll(async () => {
    await buildPages()
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
  })

  test('CLT-04 with a code and a decision: the code is held while its bringer waits, is free when he takes it back, and burns when he is rejected', async () => {
    const { origin, owner } = await startWithOwner(browser)
    await switchTo(owner, 'With a code, and when you let it in')
    const { link, typed } = await issueCode(owner)
    const first = await bringCode(link)
    await waitsNow(first)
    const card = await requestWith(owner, await matchCode(first))
    await card.getByText(/^made for another device \(cod_/).waitFor()
    await owner.locator('#codes').getByText('Somebody brought it').waitFor()
    await picture(first, '55-waiting-with-code')
    await picture(owner, '56-request-with-code')

    // a second one with the same code
    const second = await bringCode(link)
    await second.getByRole('alert').getByText('This code can not be used.').waitFor()

    // taken back, it is good again
    await first.getByRole('button', { name: 'Withdraw' }).click()
    await first.getByRole('heading', { name: 'Pair this browser' }).waitFor()
    await second.getByLabel('Code').fill(typed)
    await second.keyboard.press('Enter')
    await waitsNow(second)

    // rejected, it is gone, and who brought it stays out with any code
    await reject(await requestWith(owner, await matchCode(second)))
    await second.getByRole('alert').getByText('This browser was turned away.').waitFor()
    await picture(second, '57-rejected-with-code')
    await first.goto(`${origin}/pair`)
    await first.getByLabel('Code').fill(typed)
    await first.keyboard.press('Enter')
    await first.getByRole('alert').getByText('This code can not be used.').waitFor()
    const fresh = await issueCode(owner)
    await second.getByLabel('Code').fill(fresh.typed)
    await second.keyboard.press('Enter')
    await second.getByRole('alert').getByText('This browser was turned away.').waitFor()

    // the fresh one was not spent on him
    await first.getByLabel('Code').fill(fresh.typed)
    await first.keyboard.press('Enter')
    await waitsNow(first)
    await approve(await requestWith(owner, await matchCode(first)))
    await first.getByRole('heading', { name: 'Notes' }).waitFor()
  })

  test('APP-15 at a first start the owner link makes one browser the owner, once; a start after that prints none', async () => {
    const DATA = await newFolder()
    const env = { DATA, ADMISSION: 'closed' }
    const server = await startServer(setup, env)
    expect(server.output().match(/#owner=/g)).toHaveLength(1)
    const [first, second] = [await newPerson(browser), await newPerson(browser)]
    const late = await second.newPage()
    await late.goto(server.link)
    const button = late.getByRole('button', { name: `Become the owner of ${server.origin}` })
    await button.waitFor()
    expect(late.url()).toBe(`${server.origin}/pair`)
    // by the secret as it is printed beside the link
    const owner = await first.newPage()
    await owner.goto(`${server.origin}/pair`)
    await owner.getByText('Did you start this server?').click()
    await picture(owner, '62-owner-secret')
    await owner.getByLabel('Owner secret').fill(` ${new URL(server.link).hash.slice(7)} `)
    await owner.keyboard.press('Enter')
    await owner.getByRole('heading', { name: 'Notes' }).waitFor()
    await button.click()
    await late.getByRole('alert').getByText('This owner link can not be used.').waitFor()
    await late.getByRole('heading', { name: 'Nobody new is let in' }).waitFor()
    await picture(late, '58-owner-link-used')
    expect(await statusOf(late, '/api/notes')).toBe(401)
    await openDevices(owner)
    await owner.locator('#devices > li').getByText('this device').waitFor()
    expect(await owner.locator('#devices > li').count()).toBe(1)

    await server.stop()
    const again = await startServer(setup, { ...env, PORT: new URL(server.origin).port })
    expect(again.output()).not.toContain('#')
    expect(again.output()).toContain('Paired already, with no need of a code: 1')
  })

  test('APP-17 a stored mode that this version does not know is shown as it is, with nothing to press, until the operator mends it', async () => {
    const DATA = await newFolder()
    const { origin, owner, stop } = await startWithOwner(browser, { DATA })
    const word = '<b>lottery</b>'
    writeMode(join(DATA, 'notes.db'), word)
    await owner.reload()
    await owner.getByRole('alert').getByText(word, { exact: true }).waitFor()
    const controls = owner.locator('#admission input, #admission button')
    expect(await controls.count()).toBe(6)
    expect(
      await controls.evaluateAll((all) => all.filter((one) => !one.matches(':disabled')).length),
    ).toBe(0)
    expect(await owner.locator('#admission input:checked').count()).toBe(0)
    await picture(owner, '59-unknown-mode')
    const visitor = await (await newPerson(browser)).newPage()
    await visitor.goto(`${origin}/pair`)
    await visitor.getByRole('heading', { name: 'Nobody new can come in' }).waitFor()
    expect(await visitor.getByRole('button').count()).toBe(0)
    await picture(visitor, '60-unknown-to-a-visitor')
    expect(await statusOf(owner, '/api/notes')).toBe(200)

    await stop()
    const PORT = new URL(origin).port
    const lame = await startServer(setup, { DATA, PORT, ADMISSION: 'code' })
    expect(lame.output()).toContain(word)
    expect(lame.output()).not.toContain('#')
    await lame.stop()
    await startServer(setup, { DATA, PORT, RECOVER_ADMISSION: 'code+approval' })
    await owner.reload()
    await owner
      .locator('#admission .choice')
      .filter({ hasText: 'With a code, and when you let it in' })
      .getByText('now', { exact: true })
      .waitFor()
    expect(await controls.first().isEnabled()).toBe(true)
  })

  test('APP-17 a switch that somebody else made first is not undone, and who came in otherwise is signed out where that is confirmed', async () => {
    const { link } = await startServer(setup)
    const person = await newPerson(browser)
    const owner = await pairByLink(person, link)
    const other = await pairByLink(await newPerson(browser), (await issueCode(owner)).link)
    await owner.locator('#devices > li').nth(1).waitFor()
    const tab = await person.newPage()
    await tab.goto(owner.url())
    await tab.locator('#admission').waitFor()

    // this tab sees nothing new, and the other one changes it
    const open = await blindfold(owner)
    await switchTo(tab, 'With a code, and when you let it in')
    await owner.locator('#admission').getByLabel('Not at all').check()
    await owner.getByRole('button', { name: 'Change', exact: true }).click()
    await owner.getByRole('alert').getByText('Somebody else changed that meanwhile.').waitFor()
    await open()
    await owner
      .locator('#admission .choice')
      .filter({ hasText: 'With a code, and when you let it in' })
      .getByText('now', { exact: true })
      .waitFor()

    await owner.locator('#admission').getByLabel('When you let it in', { exact: true }).check()
    await owner.getByLabel('Also sign out who came in otherwise').check()
    await owner.getByRole('button', { name: 'Change', exact: true }).click()
    await picture(owner, '61-sign-out-others')
    await owner.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    expect(await statusOf(other, '/api/notes')).toBe(200)
    await owner.getByRole('button', { name: 'Change', exact: true }).click()
    await owner.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
    await other.waitForFunction(() => closedSockets.some(({ code }) => code === 4003))
    await other
      .getByRole('heading', { level: 1 })
      .getByText(/was signed out|has run out/)
      .waitFor()
    expect(await statusOf(other, '/api/notes')).toBe(401)
    expect(await statusOf(owner, '/api/notes')).toBe(200)
    await owner.locator('#devices > li').nth(1).waitFor({ state: 'detached' })
  })
})

async function bringCode(link: string): Promise<Page> {
  const page = await (await newPerson(browser)).newPage()
  await page.goto(link)
  await page.getByRole('button', { name: 'Pair this browser' }).click()
  return page
}

/** As a newer version, or a hand, may have written it: past the checks of the table. */
function writeMode(file: string, mode: string): void {
  const database = new DatabaseSync(file, { timeout: 5_000 })
  database.exec('PRAGMA ignore_check_constraints = ON')
  const { changes } = database
    .prepare(
      "UPDATE pair_record SET value = json_set(value, '$.record.mode', ?), version = version || 'x' WHERE json_extract(value, '$.kind') = 'admission'",
    )
    .run(mode)
  database.close()
  expect(changes).toBe(1)
}
