import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, launch, picture } from './browser.ts'
import { openDevices, requests, startWithOwner } from './requests.ts'
import { buildPages } from './server.ts'

let browser: Browser

interface Shown {
  device_code: string
  user_code: string
  verification_uri: string
}

async function post(url: string, params: Record<string, string>): Promise<Record<string, unknown>> {
  const body = new URLSearchParams({ client_id: 'notes-cli', ...params })
  return (await (await fetch(url, { method: 'POST', body })).json()) as Record<string, unknown>
}

/** A program in a terminal asks to be let in. */
async function ask(origin: string): Promise<Shown> {
  return (await post(`${origin}/auth/device_authorization`, {})) as unknown as Shown
}

const poll = (origin: string, device_code: string): Promise<Record<string, unknown>> =>
  post(`${origin}/auth/token`, {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code,
  })

async function type(page: Page, code: string): Promise<void> {
  await page.getByLabel('Code that the device shows').fill(code)
  await page.getByRole('button', { name: 'See what it asks for' }).click()
}

describe.skipIf(!hasChromium)('the page on which the code of a device is typed', () => {
  beforeAll(async () => {
    await buildPages()
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
  })

  test('APP-15 shows what the device asks for, and lets it in', async () => {
    const { origin, owner } = await startWithOwner(browser)
    const { device_code, user_code, verification_uri } = await ask(origin)
    await owner.goto(verification_uri)
    await picture(owner, 'device-typing')
    await type(owner, '222-222-222')
    await owner.getByRole('alert').getByText('No device shows this code.').waitFor()
    await type(owner, user_code.toLowerCase())
    const card = owner.getByRole('listitem', { name: 'Request of Notes in a terminal' })
    await card.getByText('notes-cli').waitFor()
    await card.getByText('127.0.0.1').waitFor()
    await picture(owner, 'device-deciding')
    await card.getByLabel('Write notes').uncheck()
    await card.getByRole('button', { name: /^Approve / }).click()
    await owner.getByText('Notes in a terminal is let in.').waitFor()
    await picture(owner, 'device-done')
    const { access_token, scope } = await poll(origin, device_code)
    expect(scope).toBe('notes:read')
    const headers = { authorization: `Bearer ${String(access_token)}` }
    expect((await fetch(`${origin}/api/notes`, { headers })).status).toBe(200)
  })

  test('a code in the address is not looked at, and the list alone approves nothing', async () => {
    const { origin, owner } = await startWithOwner(browser)
    const { device_code, user_code } = await ask(origin)
    await openDevices(owner)
    const waiting = requests(owner).first()
    await waiting.getByRole('link', { name: 'Type its code' }).waitFor()
    expect(await waiting.getByRole('button', { name: /^Approve / }).count()).toBe(0)
    await picture(owner, 'device-in-list')
    await owner.goto(`${origin}/device?user_code=${user_code}#code=${user_code}`)
    const input = owner.getByLabel('Code that the device shows')
    expect(await input.inputValue()).toBe('')
    expect(await poll(origin, device_code)).toMatchObject({ error: 'authorization_pending' })
    await type(owner, user_code)
    await owner.getByRole('button', { name: /^Reject / }).click()
    await owner.getByText('Notes in a terminal was turned away.').waitFor()
    expect(await poll(origin, device_code)).toMatchObject({ error: 'access_denied' })
  })
})
