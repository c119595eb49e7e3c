import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { newPerson } from './browser.ts'
import { startServer, type RunningServer } from './server.ts'

/** Opens the link that the server printed and becomes its owner: the page of the notes is open when it resolves. */
export async function becomeOwner(context: BrowserContext, link: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(link)
  await page.getByRole('button', { name: `Become the owner of ${new URL(link).origin}` }).click()
  await page.getByRole('heading', { name: 'Notes' }).waitFor()
  return page
}

/** A fresh server where requests are decided by hand, and the page of devices of its owner. */
export async function startWithOwner(
  browser: Browser,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer & { owner: Page }> {
  const setup = { framework: 'hono', store: 'sqlite' } as const
  const server = await startServer(setup, { ADMISSION: 'approval', ...env })
  const owner = await becomeOwner(await newPerson(browser), server.link)
  await openDevices(owner)
  await owner.getByText('Nobody is waiting.').waitFor()
  return { ...server, owner }
}

/** Asks to be let in; the page waits when it resolves. */
export async function askToComeIn(
  context: BrowserContext,
  origin: string,
  wish?: 'read' | 'write' | 'all',
): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${origin}/pair`)
  if (wish) await page.getByLabel('This browser would like to').selectOption(wish)
  await page.getByRole('button', { name: 'Ask to be let in' }).click()
  await waitsNow(page)
  return page
}

export async function waitsNow(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Waiting to be let in' }).waitFor()
}

/** The number on the screen of who waits. */
export async function matchCode(page: Page): Promise<string> {
  const text = await page.locator('#match').innerText()
  expect(text).toMatch(/^\d{3} \d{3}$/)
  return text
}

export async function openDevices(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Devices' }).click()
  await page.getByRole('heading', { name: 'Devices', exact: true }).waitFor()
}

/** The requests that wait for a decision. */
export function requests(page: Page): Locator {
  return page.locator('#approvals > li')
}

/** The decisions that still hold. */
export function decided(page: Page): Locator {
  return page.locator('#decided > li')
}

/** The request that shows this number; it is the only one that does. */
export async function requestWith(page: Page, match: string): Promise<Locator> {
  const card = requests(page).filter({ has: page.getByText(match, { exact: true }) })
  await card.waitFor()
  expect(await card.count()).toBe(1)
  return card
}

export async function approve(card: Locator): Promise<void> {
  await card.getByRole('button', { name: /^Approve / }).click()
}

export async function reject(card: Locator, reason?: string): Promise<void> {
  if (reason) await card.getByLabel('Reason').fill(reason)
  await card.getByRole('button', { name: /^Reject / }).click()
}

/** Picks another way in, without the confirmation that signing others out asks for. */
export async function switchTo(page: Page, title: string): Promise<void> {
  await page.locator('#admission').getByLabel(title, { exact: true }).check()
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await page
    .locator('#admission .choice')
    .filter({ has: page.getByLabel(title, { exact: true }) })
    .getByText('now', { exact: true })
    .waitFor()
}

/** Keeps the page from seeing anything new, until the returned function is called. */
export async function blindfold(page: Page): Promise<() => Promise<void>> {
  await page.route('**/auth/access', (route) => route.abort())
  return () => page.unroute('**/auth/access')
}

/** How many of them are disabled, of how many. */
export function areDisabled(buttons: (HTMLElement | SVGElement)[]): [number, number] {
  return [buttons.filter((button) => button.matches(':disabled')).length, buttons.length]
}
