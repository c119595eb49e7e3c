import jsqr from 'jsqr'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { findChromium } from '../../../tests/chromium.ts'

const folder = process.env['SCREENSHOTS']
const found = await findChromium()

/** Whether there is a Chromium to test with. */
export const hasChromium: boolean = found !== null

export async function launch(): Promise<Browser> {
  if (found === null) throw new Error('no Chromium')
  return await chromium.launch(found)
}

/** A person's browser: cookies, keys and storage of its own, until the test has finished. */
export async function newPerson(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: 'en-GB' })
  context.setDefaultTimeout(15_000)
  await context.addInitScript(recordSockets)
  onTestFinished(() => context.close())
  return context
}

/** Opens the link and clicks: the page of the notes is open when it resolves. */
export async function pairByLink(context: BrowserContext, link: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(link)
  await page.getByRole('button', { name: 'Pair this browser' }).click()
  await page.getByRole('heading', { name: 'Notes' }).waitFor()
  return page
}

/** Issues a code on the page of devices; answers it with its link. */
export async function issueCode(page: Page): Promise<{ typed: string; link: string }> {
  await page.getByRole('link', { name: 'Devices' }).click()
  await page.getByRole('button', { name: 'Make a code' }).click()
  const typed = await page.locator('#typed').innerText()
  return { typed, link: await page.locator('#link').innerText() }
}

/** Writes a note on the page of notes. */
export async function writeNote(page: Page, text: string): Promise<void> {
  await page.getByLabel('New note').fill(text)
  await page.getByRole('button', { name: 'Save note' }).click()
  await page.locator('#notes').getByText(text).waitFor()
}

/** Counts how often this page sends a code. */
export function countRedeems(page: Page): () => number {
  let count = 0
  page.on('request', (request) => {
    if (request.method() === 'POST' && new URL(request.url()).pathname === '/auth/redeem') count++
  })
  return () => count
}

/** The status that this page's own cookies get from a route. */
export async function statusOf(
  page: Page,
  path: string,
  init: { method?: string; body?: string } = {},
): Promise<number> {
  return await page.evaluate(async ([url, given]) => (await fetch(url, given)).status, [
    path,
    init,
  ] as const)
}

/** What a camera reads from the QR code of the page. */
export async function readQr(page: Page): Promise<string | undefined> {
  const png = (await page.locator('.qr').screenshot()).toString('base64')
  const { width, height, pixels } = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.codePointAt(0) ?? 0)
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const drawing = new OffscreenCanvas(image.width, image.height).getContext('2d')!
    drawing.drawImage(image, 0, 0)
    const { data } = drawing.getImageData(0, 0, image.width, image.height)
    return { width: image.width, height: image.height, pixels: [...data] }
  }, png)
  return jsqr.default(Uint8ClampedArray.from(pixels), width, height)?.data
}

const looks = [
  { look: 'desktop-light', width: 1280, height: 800, colorScheme: 'light' },
  { look: 'desktop-dark', width: 1280, height: 800, colorScheme: 'dark' },
  { look: 'phone-light', width: 390, height: 844, colorScheme: 'light' },
  { look: 'phone-dark', width: 390, height: 844, colorScheme: 'dark' },
] as const

/** Pictures of the page in every look, where the environment names a folder for them. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!folder) return
  await mkdir(folder, { recursive: true })
  for (const { look, width, height, colorScheme } of looks) {
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: join(folder, `${name}.${look}.png`), fullPage: true })
  }
  await page.setViewportSize({ width: 1280, height: 720 })
  await page.emulateMedia({ colorScheme: null })
}

declare global {
  var closedSockets: { code: number; at: number }[]
}

/** Runs in the page: notes when each of its sockets closed, and how. */
function recordSockets(): void {
  globalThis.closedSockets = []
  const Original = globalThis.WebSocket
  globalThis.WebSocket = class extends Original {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      this.addEventListener('close', ({ code }) =>
        globalThis.closedSockets.push({ code, at: Date.now() }),
      )
    }
  }
}
