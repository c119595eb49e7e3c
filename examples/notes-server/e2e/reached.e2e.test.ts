import { memoryKeyStore } from '@pair/client'
import { reachableAddresses } from '@pair/node'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, launch, newPerson, picture, statusOf } from './browser.ts'
import { startHere } from './here.ts'
import { newApp, untilStatus } from './newcomer.ts'
import {
  approve,
  askToComeIn,
  becomeOwner,
  matchCode,
  openDevices,
  requests,
  requestWith,
  startWithOwner,
} from './requests.ts'
import { freePort, startProxy } from './proxy.ts'
import { buildPages } from './server.ts'

const lan = reachableAddresses('0.0.0.0', 1)[1]

let browser: Browser

describe.skipIf(!hasChromium)('from wherever requests are made and decided', () => {
  beforeAll(async () => {
    await buildPages()
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
  })

  test('APP-15 APP-12 what the process decides the page shows, and what the page decides the process knows: who, from where, why', async () => {
    const { pair, origin } = await startHere({ admission: 'approval' })
    const claim = await pair.ownerSecret({ origin })
    const owner = await becomeOwner(await newPerson(browser), claim?.link ?? '')
    await openDevices(owner)

    // the process lets one in, who sees the same number as the process
    const first = await askToComeIn(await newPerson(browser), origin)
    const [item] = (await pair.approvals.list()).items
    expect(item?.matchCode).toBe(await matchCode(first))
    await requestWith(owner, item!.matchCode)
    await pair.approvals.approve(item!.id, { digest: item!.digest, reason: 'By the operator' })
    await first.getByRole('heading', { name: 'Notes' }).waitFor()
    await requests(owner).waitFor({ state: 'detached' })

    // the page turns the next one away
    const second = await askToComeIn(await newPerson(browser), origin)
    const card = await requestWith(owner, await matchCode(second))
    await card.getByLabel('Reason').fill('Not mine')
    await card.getByRole('button', { name: /^Reject / }).click()
    await second.getByRole('alert').getByText('This browser was turned away.').waitFor()
    const [rejected] = (await pair.approvals.list()).items
    expect(rejected).toMatchObject({ state: 'rejected', decision: { reason: 'Not mine' } })

    const decisions: unknown[] = []
    for (const event of (await pair.audit.read({ limit: 1_000 })).items)
      if (/^approval\.(approved|rejected)$/.test(event.type)) decisions.push(event)
    const { items: devices } = await pair.devices.list()
    const mine = devices.find(({ session }) => session?.scopes.includes('access:write'))
    expect(decisions).toMatchObject([
      {
        type: 'approval.approved',
        approvalId: item!.id,
        actor: { kind: 'operator' },
        detail: { digest: item!.digest, reason: 'By the operator' },
      },
      {
        type: 'approval.rejected',
        approvalId: rejected!.id,
        actor: { kind: 'session', deviceId: mine?.id, address: '127.0.0.1' },
        detail: { digest: rejected!.digest, reason: 'Not mine' },
      },
    ])

    // forgotten by the process, it is gone from the page too
    await pair.approvals.forget(rejected!.id)
    await owner.locator('#decided > li').waitFor({ state: 'detached' })
  })

  test('APP-17 the list is there by another name of this computer and behind a public address, and each decides what was asked at the other', async () => {
    const proxy = await startProxy('203.0.113.7')
    const publicUrl = `http://notes.localhost:${proxy.port}`
    const PORT = String(await freePort())
    proxy.leadTo(`http://127.0.0.1:${PORT}`)
    const { origin, owner } = await startWithOwner(browser, { PORT, PUBLIC_URL: publicUrl })
    expect(origin).toBe(publicUrl)
    expect(new URL(owner.url()).origin).toBe(publicUrl)

    // asked at this computer itself, decided behind the public address
    const local = `http://localhost:${PORT}`
    const second = await askToComeIn(await newPerson(browser), local, 'all')
    const card = await requestWith(owner, await matchCode(second))
    await card.getByText(local, { exact: true }).waitFor()
    await card.getByText('127.0.0.1', { exact: true }).waitFor()
    await approve(card)
    await second.getByRole('heading', { name: 'Notes' }).waitFor()

    // and the other way round
    await openDevices(second)
    expect(new URL(second.url()).origin).toBe(local)
    const third = await askToComeIn(await newPerson(browser), publicUrl)
    const other = await requestWith(second, await matchCode(third))
    await other.getByText(publicUrl, { exact: true }).waitFor()
    await other.getByText('203.0.113.7', { exact: true }).waitFor()
    await picture(second, '72-behind-a-public-address')
    await approve(other)
    await third.getByRole('heading', { name: 'Notes' }).waitFor()
    expect(await statusOf(third, '/api/notes')).toBe(200)
    await owner.locator('#devices > li').nth(2).waitFor()
  })

  test.skipIf(lan === undefined)(
    'APP-17 who asks by an address of the network is decided where devices are managed, and is told what it can not do',
    async () => {
      const { origin, owner, port } = await startOnNetwork()
      const there = `${new URL(lan!).protocol}//${new URL(lan!).hostname}:${port}`
      expect(there).not.toBe(origin)
      const phone = await askToComeIn(await newPerson(browser), there)
      await picture(phone, '70-waiting-on-the-network')
      const card = await requestWith(owner, await matchCode(phone))
      await card.getByText(there, { exact: true }).waitFor()
      await card.getByText('a day at most, since it has no key').waitFor()
      await picture(owner, '71-request-from-the-network')
      await approve(card)
      await phone.getByRole('heading', { name: 'Notes' }).waitFor()
      expect(await statusOf(phone, '/api/notes')).toBe(200)
      await phone.getByRole('link', { name: 'Devices' }).click()
      await phone.getByText('neither see nor manage devices').waitFor()
    },
  )

  test('APP-14 a known device comes in again by its key alone; a claim that was copied is nothing without the key that asked', async () => {
    const { pair, origin } = await startHere({ admission: 'approval' })
    const keyStore = memoryKeyStore()
    const asking = newApp(origin, { label: 'Kitchen tablet', keyStore })
    await asking.request()
    // pages of one process take turns in asking
    asking.close()

    // the whole of what it waits with, in other hands and beside another key
    const copied = await keyStore.loadPending()
    const thief = memoryKeyStore()
    await thief.keep(
      await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']),
    )
    await thief.keepPending(copied!)
    const stolen = newApp(origin, { label: 'Kitchen tablet', keyStore: thief })
    await stolen.start()
    await untilStatus(stolen, 'unpaired')
    expect(stolen.getSnapshot().problem?.code).toBe('proof_invalid')

    const [item] = (await pair.approvals.list()).items
    await pair.approvals.approve(item!.id, { digest: item!.digest })
    const app = newApp(origin, { label: 'Kitchen tablet', keyStore })
    await app.start()
    await untilStatus(app, 'paired')
    const again = newApp(origin, { label: 'Kitchen tablet', keyStore })
    expect((await again.request()).status).toBe('paired')
    expect((await again.fetch('/api/notes')).status).toBe(200)
    expect((await pair.approvals.list()).items).toEqual([])
    expect((await newApp(origin, { label: 'Kitchen tablet' }).request()).status).toBe('pending')
  })
})

async function startOnNetwork(): Promise<
  Awaited<ReturnType<typeof startWithOwner>> & { port: string }
> {
  const server = await startWithOwner(browser, { HOST: '0.0.0.0' })
  return { ...server, port: new URL(server.origin).port }
}
