import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  countRedeems,
  hasChromium,
  issueCode,
  launch,
  newPerson,
  pairByLink,
  picture,
  statusOf,
  writeNote,
} from './browser.ts'
import { buildPages, frameworks, newFolder, startServer } from './server.ts'

const live = 'Live: notes appear as they are written.'

let browser: Browser

describe.skipIf(!hasChromium)('a server that ends and comes back', () => {
  beforeAll(async () => {
    await buildPages()
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
  })

  describe.each(frameworks)('%s', (framework) => {
    describe('memory', () => {
      test('is told in words and found again, and knows nobody any more', async () => {
        const setup = { framework, store: 'memory' } as const
        const DATA = await newFolder()
        const server = await startServer(setup, { DATA })
        const page = await pairByLink(await newPerson(browser), server.link)
        await page.getByText(live).waitFor()
        expect(await server.stop('SIGINT')).toBe(0)
        await page.getByText('The server can not be reached. Trying again…').waitFor()
        await picture(page, '15-server-away')
        const again = await startServer(setup, { DATA, PORT: new URL(server.origin).port })
        expect(again.origin).toBe(server.origin)
        await page
          .getByRole('heading', { name: 'The server does not know this browser any more' })
          .waitFor()
        await picture(page, '16-server-forgot')
      })
    })

    describe('sqlite', () => {
      test('SES-12 killed and started again, it knows who is paired, who was revoked, and which code is unused', async () => {
        const setup = { framework, store: 'sqlite' } as const
        const DATA = await newFolder()
        const server = await startServer(setup, { DATA })
        expect(server.output()).not.toContain('Paired already')
        const first = await pairByLink(await newPerson(browser), server.link)
        await writeNote(first, 'Buy oat milk')

        // one browser is revoked, another stays, and one code waits
        const { origin } = server
        const revoked = await pairByLink(await newPerson(browser), (await issueCode(first)).link)
        await revokeTheOther(first, revoked)
        const second = await pairByLink(await newPerson(browser), (await issueCode(first)).link)
        await first.locator('#devices > li').nth(1).waitFor()
        const devices = await listDevices(first)
        expect(devices).toHaveLength(2)
        const unused = await issueCode(first)
        await first.getByRole('link', { name: 'Notes' }).first().click()
        const redeems = [first, second].map((page) => countRedeems(page))

        for (const page of [first, second]) await page.getByText(live).waitFor()
        expect(await server.stop('SIGKILL')).toBeNull()
        for (const page of [first, second])
          await page.getByText('The server can not be reached. Trying again…').waitFor()
        const again = await startServer(setup, { DATA, PORT: new URL(origin).port })
        expect(again.origin).toBe(origin)
        expect(again.output()).toContain('Paired already, with no need of a code: 2\n')

        // those who were paired go on by themselves, sockets and all
        for (const page of [first, second]) await page.getByText(live).waitFor()
        await writeNote(second, 'Water the plants')
        await first.getByText('Water the plants').waitFor()
        await first.getByText('Buy oat milk').waitFor()
        await picture(first, '18-after-a-restart')
        await first.reload()
        await first.getByText(live).waitFor()
        await first.getByRole('link', { name: 'Devices' }).click()
        await first.locator('#devices > li').nth(1).waitFor()
        expect(await listDevices(first)).toEqual(devices)
        expect(redeems.map((count) => count())).toEqual([0, 0])

        // who was revoked stays so
        await revoked.reload()
        await revoked.getByRole('heading', { name: 'This browser was signed out' }).waitFor()
        expect(await statusOf(revoked, '/api/notes')).toBe(401)

        // the code that waited pairs one browser, and no other
        const third = await pairByLink(await newPerson(browser), unused.link)
        expect(await statusOf(third, '/api/notes')).toBe(200)
        const late = await (await newPerson(browser)).newPage()
        await late.goto(unused.link)
        await late.getByRole('button', { name: 'Pair this browser' }).click()
        await late.getByRole('alert').getByText('This code can not be used.').waitFor()
        expect(await statusOf(late, '/api/notes')).toBe(401)
      })
    })
  })
})

async function revokeTheOther(page: Page, other: Page): Promise<void> {
  await page.bringToFront()
  await page
    .locator('#devices')
    .getByRole('button', { name: /^Revoke/ })
    .click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await other.getByRole('heading', { name: 'This browser was signed out' }).waitFor()
  await page.locator('#devices > li').nth(1).waitFor({ state: 'detached' })
}

/** Ids and names of the devices that the page shows. */
async function listDevices(page: Page): Promise<string[]> {
  return await page
    .locator('#devices > li')
    .evaluateAll((items) =>
      items
        .map((item) => `${item.dataset['device']} ${item.querySelector('strong')?.textContent}`)
        .toSorted(),
    )
}
