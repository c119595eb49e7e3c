import { memoryKeyStore } from '@pair/client'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, launch, newPerson, picture, statusOf } from './browser.ts'
import { newApp } from './newcomer.ts'
import {
  approve,
  areDisabled,
  askToComeIn,
  blindfold,
  decided,
  matchCode,
  openDevices,
  requests,
  requestWith,
  startWithOwner,
} from './requests.ts'
import { buildPages } from './server.ts'

let browser: Browser

/** The decisions that this page sends. */
function recordDecisions(page: Page): { path: string; body: Record<string, unknown> }[] {
  const sent: { path: string; body: Record<string, unknown> }[] = []
  page.on('request', (request) => {
    const path = new URL(request.url()).pathname
    if (request.method() === 'POST' && path.startsWith('/auth/approvals/'))
      sent.push({ path, body: request.postDataJSON() as Record<string, unknown> })
  })
  return sent
}

describe.skipIf(!hasChromium)('deciding on the page of devices', () => {
  beforeAll(async () => {
    await buildPages()
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
  })

  test('APP-07 scopes that changed between look and click are not approved: the page says so and shows the new request', async () => {
    const { origin, owner } = await startWithOwner(browser)
    const digests: string[] = []
    owner.on('response', (response) => {
      if (new URL(response.url()).pathname === '/auth/access')
        void response
          .json()
          .then(({ approvals }: { approvals: { digest: string }[] }) =>
            digests.push(...approvals.map(({ digest }) => digest)),
          )
    })
    const sent = recordDecisions(owner)
    const newcomer = await askToComeIn(await newPerson(browser), origin, 'read')
    const before = await matchCode(newcomer)
    const seen = await requestWith(owner, before)
    expect(await seen.getByLabel('Manage devices').count()).toBe(0)

    const open = await blindfold(owner)
    await newcomer.getByText('Ask for something else').click()
    await newcomer.getByLabel('This browser would like to').selectOption('all')
    await newcomer.getByRole('button', { name: 'Ask for that instead' }).click()
    await newcomer.locator('dd').getByText('Manage devices').waitFor()
    const after = await matchCode(newcomer)
    expect(after).not.toBe(before)
    const refused = owner.waitForResponse((response) => response.url().endsWith('/approve'))
    await approve(seen)
    expect((await refused).status()).toBe(409)
    await owner
      .getByRole('alert')
      .getByText('This request has changed. Nothing was decided.')
      .waitFor()
    expect(sent).toHaveLength(1)
    expect(sent[0]?.body).toEqual({ digest: digests[0], scopes: ['notes:read'] })

    // what is there now is shown as something else
    await open()
    const now = await requestWith(owner, after)
    await now.getByText('This is how it is now: compare the number again.').waitFor()
    expect(await requests(owner).count()).toBe(1)
    await picture(owner, '41-changed')
    expect(await statusOf(newcomer, '/api/notes')).toBe(401)
    await newcomer.getByText('Waiting for a decision…').waitFor()
    await now.getByLabel('Manage devices').uncheck()
    await approve(now)
    await newcomer.getByRole('heading', { name: 'Notes' }).waitFor()
    expect(sent[1]?.body['digest']).toBe(digests.at(-1))
  })

  test('APP-07 a name that changed between look and click is not approved, and a click that was meant for the card before decides nothing', async () => {
    const { origin, owner } = await startWithOwner(browser)
    const sent = recordDecisions(owner)
    const keyStore = memoryKeyStore()
    await newApp(origin, { label: 'Kitchen tablet', keyStore }).request()
    const seen = requests(owner).filter({ hasText: 'Kitchen tablet' })
    await seen.getByRole('button', { name: 'Approve Kitchen tablet' }).waitFor()
    const open = await blindfold(owner)
    const other = newApp(origin, { label: 'Living room screen', keyStore })
    await other.request()
    const refused = owner.waitForResponse((response) => response.url().endsWith('/approve'))
    await approve(seen)
    expect((await refused).status()).toBe(409)
    await open()
    await requests(owner).filter({ hasText: 'Living room screen' }).waitFor()

    // a finger that is on its way when the card changes again
    await owner.getByRole('button', { name: 'Approve Living room screen' }).click({ trial: true })
    await owner.evaluate(() => {
      const click = (): void => {
        for (const button of document.querySelectorAll('#approvals button'))
          (button as HTMLElement).click()
      }
      new MutationObserver(click).observe(document.querySelector('#approvals')!, {
        childList: true,
      })
    })
    await newApp(origin, { label: 'Hallway', keyStore }).request()
    const last = owner.getByRole('button', { name: 'Approve Hallway' })
    await last.waitFor()
    expect(sent).toHaveLength(1)
    expect(other.getSnapshot().session).toBeUndefined()
    await last.click()
    await owner.locator('#devices').getByText('Hallway').waitFor()
    expect(sent).toHaveLength(2)
  })

  test('APP-17 two clicks in one tick are one call, and while it is under way nothing else can be decided', async () => {
    const { origin, owner } = await startWithOwner(browser)
    const sent = recordDecisions(owner)
    const first = await askToComeIn(await newPerson(browser), origin)
    const second = await askToComeIn(await newPerson(browser), origin)
    const card = await requestWith(owner, await matchCode(first))
    const other = await requestWith(owner, await matchCode(second))
    await owner.locator('#admission').getByLabel('Not at all').check()
    const buttons = owner.locator('#approvals button, #set-mode')
    await expect.poll(() => buttons.evaluateAll(areDisabled)).toEqual([0, 5])

    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    await owner.route('**/approve', async (route) => {
      await held
      await route.continue()
    })
    await card.getByRole('button', { name: /^Approve / }).evaluate((button: HTMLElement) => {
      button.click()
      button.click()
    })
    expect(await buttons.evaluateAll(areDisabled)).toEqual([5, 5])
    // also for who does not go by the buttons
    await other.getByRole('button', { name: /^Reject / }).evaluate((button: HTMLElement) => {
      button.removeAttribute('disabled')
      button.click()
    })
    await owner.locator('#admission').evaluate((form) => (form as HTMLFormElement).requestSubmit())
    await picture(owner, '42-in-flight')
    expect(sent).toHaveLength(1)
    release()
    await first.getByRole('heading', { name: 'Notes' }).waitFor()
    await card.waitFor({ state: 'detached' })
    await expect.poll(() => buttons.evaluateAll(areDisabled)).toEqual([0, 3])
    expect(sent).toHaveLength(1)
    await second.getByText('Waiting for a decision…').waitFor()
  })

  test('CLT-04 who takes the request back waits no more, and its card goes; a late click is told', async () => {
    const { origin, owner } = await startWithOwner(browser)
    const newcomer = await askToComeIn(await newPerson(browser), origin)
    await requestWith(owner, await matchCode(newcomer))
    await newcomer.getByRole('button', { name: 'Withdraw' }).click()
    await newcomer.getByRole('heading', { name: 'Ask to be let in' }).waitFor()
    await requests(owner).waitFor({ state: 'detached' })

    await newcomer.getByRole('button', { name: 'Ask to be let in' }).click()
    const card = await requestWith(owner, await matchCode(newcomer))
    const open = await blindfold(owner)
    await newcomer.getByRole('button', { name: 'Withdraw' }).click()
    await newcomer.getByRole('heading', { name: 'Ask to be let in' }).waitFor()
    await approve(card)
    await owner.getByRole('alert').getByText('This request is not waiting any more.').waitFor()
    await picture(owner, '43-too-late')
    await open()
    await card.waitFor({ state: 'detached' })
  })

  test('CLT-04 a request that nobody decides in time is over on both screens, and may be made again', async () => {
    const { origin, owner } = await startWithOwner(browser, { PENDING_SECONDS: '4' })
    const newcomer = await askToComeIn(await newPerson(browser), origin)
    const card = await requestWith(owner, await matchCode(newcomer))
    await newcomer.getByRole('alert').getByText('Nobody decided in time.').waitFor()
    await picture(newcomer, '44-expired')
    await card.waitFor({ state: 'detached' })
    await newcomer.getByRole('button', { name: 'Ask to be let in' }).click()
    await requestWith(owner, await matchCode(newcomer))
  })

  test('what a newcomer calls itself is text wherever it is shown', async () => {
    const { origin, owner } = await startWithOwner(browser)
    const dialogs: string[] = []
    owner.on('dialog', (dialog) => {
      dialogs.push(dialog.message())
      void dialog.dismiss()
    })
    const label = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    await newApp(origin, { label }).request()
    const card = requests(owner).filter({ hasText: label })
    await card.waitFor()
    expect(await card.locator('.name strong').innerText()).toBe(label)
    await picture(owner, '45-hostile-name')
    await card.getByRole('button', { name: `Reject ${label}` }).click()
    await decided(owner).getByText(label, { exact: true }).waitFor()
    expect(await owner.locator('main img, main script').count()).toBe(0)
    expect(dialogs).toEqual([])
  })

  test('nobody gives more than he has: the page does not offer it', async () => {
    const { origin, owner } = await startWithOwner(browser)
    const deputy = await askToComeIn(await newPerson(browser), origin, 'all')
    const card = await requestWith(owner, await matchCode(deputy))
    await card.getByLabel('Write notes').uncheck()
    await approve(card)
    await deputy.getByRole('heading', { name: 'Notes' }).waitFor()
    await openDevices(deputy)
    const newcomer = await askToComeIn(await newPerson(browser), origin)
    const theirs = await requestWith(deputy, await matchCode(newcomer))
    expect(await theirs.getByLabel('Write notes').isDisabled()).toBe(true)
    await picture(deputy, '46-more-than-one-has')
    await approve(theirs)
    await newcomer.getByText('This device may read notes, not write them.').waitFor()
  })

  test('APP-17 who may see devices and not manage them sees requests and the way in, and has nothing to press', async () => {
    const { origin, owner } = await startWithOwner(browser)
    const viewer = await askToComeIn(await newPerson(browser), origin, 'all')
    const card = await requestWith(owner, await matchCode(viewer))
    await card.getByLabel('Manage devices').uncheck()
    await approve(card)
    await viewer.getByRole('heading', { name: 'Notes' }).waitFor()
    await openDevices(viewer)
    const newcomer = await askToComeIn(await newPerson(browser), origin)
    const seen = await requestWith(viewer, await matchCode(newcomer))
    expect(await viewer.getByRole('main').getByRole('button').count()).toBe(0)
    const boxes = seen.getByRole('checkbox')
    expect(await boxes.evaluateAll(areDisabled)).toEqual([2, 2])
    expect(await viewer.locator('#admission input').evaluateAll(areDisabled)).toEqual([5, 5])
    expect(await viewer.locator('#admission input:checked').getAttribute('value')).toBe('approval')
    await picture(viewer, '47-only-sees')
  })
})
