import { afterEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, openDoor, settle, type Applicant } from '../kit/applicants.ts'
import { dumpStore } from '../kit/dump.ts'
import { createServer, type Answer, type LoggedServer } from '../kit/newcomers.ts'
import { ORIGIN } from '../kit/server.ts'
import { settled } from '../kit/workshop.ts'

/** A store that tells when the last thing was read that a claim is judged by. */
function tellingStore(): { store: Store; looked(): Promise<void> } {
  const real = memoryStore()
  let bell: (() => void) | undefined
  return {
    store: {
      ...real,
      async read(key) {
        if (key[1] === 'admission') bell?.()
        return real.read(key)
      },
    },
    looked: () => new Promise((resolve) => void (bell = resolve)),
  }
}

type Door = LoggedServer & { looked(): Promise<void> }

const open: LoggedServer[] = []
// what still waits would keep the process
afterEach(async () => {
  for (const { pair } of open.splice(0)) await pair.close()
})

async function asked(key?: null): Promise<{ server: Door; phone: Applicant }> {
  const { store, looked } = tellingStore()
  const { server } = await openDoor('approval', { store })
  open.push(server)
  const phone = await createApplicant(server, key === null ? { key } : {})
  await phone.ask()
  return { server: { ...server, looked }, phone }
}

interface Waiting {
  answer: Promise<Answer>
  /** Its answer where it was given by now. */
  given(): Answer | null
}

/** Begins to wait, and lets all happen that follows at once. */
async function wait({ looked }: Door, who: Applicant): Promise<Waiting> {
  let given: Answer | null = null
  const begun = looked()
  const answer = who.collect({ waitSeconds: 25 }).then((answer) => (given = answer))
  await begun
  await settled()
  return { answer, given: () => given }
}

describe('APP-08 whoever waits', () => {
  test.each([
    ['approved', 200, 'authorized'],
    ['rejected', 403, 'approval_rejected'],
    ['taken back', 410, 'approval_expired'],
    ['changed', 410, 'approval_expired'],
    ['refused by another mode', 403, 'admission_refused'],
    ['over like everything', 410, 'approval_expired'],
  ])('APP-08 is answered at once when it is %s', async (how, status, word) => {
    const { server, phone } = await asked()
    const waiting = await wait(server, phone)
    expect(waiting.given()).toBeNull()
    if (how === 'approved') await settle(server, 'approve', phone)
    if (how === 'rejected') await settle(server, 'reject', phone)
    if (how === 'taken back') await phone.withdraw()
    if (how === 'changed') await phone.ask({ scopes: ['notes:read'] })
    if (how === 'refused by another mode') await server.pair.admission.set('code')
    if (how === 'over like everything') await server.pair.sessions.revokeAll()
    await settled()
    expect(waiting.given()).toMatchObject({ status })
    const { body } = await waiting.answer
    expect(body.code ?? body.status).toBe(word)
  })

  test('APP-08 hears of it from another instance on the same store', async () => {
    const { server, phone } = await asked()
    const replica = createServer({ store: server.store, clock: server.clock })
    const waiting = await wait(server, phone)
    await settle(replica, 'approve', phone)
    await settled()
    expect(waiting.given()).toMatchObject({ status: 200 })
    expect((await replica.pair.sessions.list()).items).toHaveLength(2)
  })

  test('APP-08 is not stirred by what happens to others', async () => {
    const { server, phone } = await asked()
    const other = await createApplicant(server)
    await other.ask()
    const waiting = await wait(server, phone)
    await settle(server, 'approve', other)
    await other.collect()
    await settled()
    expect(waiting.given()).toBeNull()
    await settle(server, 'approve', phone)
    await settled()
    expect(waiting.given()).toMatchObject({ status: 200 })
  })

  test('APP-08 is one for each claim: who comes later takes its place, and who was first is answered', async () => {
    const { server, phone } = await asked()
    const first = await wait(server, phone)
    const second = await wait(server, phone)
    expect(first.given()).toMatchObject({ status: 202, body: { retryAfter: 5 } })
    expect(second.given()).toBeNull()
    const third = await wait(server, phone)
    expect(second.given()).toMatchObject({ status: 202 })
    await settle(server, 'approve', phone)
    await settled()
    expect(third.given()).toMatchObject({ status: 200 })
    expect((await server.pair.sessions.list()).items).toHaveLength(2)
  })

  test('APP-08 leaves nothing behind when it goes away', async () => {
    const { server, phone } = await asked()
    const going = new AbortController()
    const body = JSON.stringify({ claim: phone.pending.claim, waitSeconds: 25 })
    const htu = `${ORIGIN}/auth/claim`
    const dpop = await phone.key!.prove({ htm: 'POST', htu, at: server.clock() })
    let given: Response | null = null
    const begun = server.looked()
    const request = new Request(htu, {
      method: 'POST',
      headers: { 'content-type': 'application/json', dpop },
      body,
      signal: going.signal,
    })
    void server.pair.handler(request).then((response) => (given = response))
    await begun
    await settled()
    expect(given).toBeNull()
    going.abort()
    await settled()
    expect(given).toMatchObject({ status: 202 })
    // nobody collects for who is gone
    const before = await dumpStore(server.store)
    await settle(server, 'approve', phone)
    await settled()
    expect(await dumpStore(server.store)).toHaveLength(before.length + 1)
    expect((await phone.collect()).status).toBe(200)
  })

  test('APP-08 has nothing collected for it that it could not take any more', async () => {
    const { server, phone } = await asked()
    await settle(server, 'approve', phone)
    const htu = `${ORIGIN}/auth/claim`
    const dpop = await phone.key!.prove({ htm: 'POST', htu, at: server.clock() })
    const gone = new Request(htu, {
      method: 'POST',
      headers: { 'content-type': 'application/json', dpop },
      body: JSON.stringify({ claim: phone.pending.claim }),
      signal: AbortSignal.abort(),
    })
    const answer = await server.pair.handler(gone)
    expect(answer!.headers.getSetCookie()).toEqual([])
    expect((await server.pair.sessions.list()).items).toHaveLength(1)
    expect((await phone.collect()).status).toBe(200)
  })

  test('APP-08 is let go when the instance closes, and does not wait any more after that', async () => {
    const { server, phone } = await asked()
    const waiting = await wait(server, phone)
    await server.pair.close()
    await settled()
    expect(waiting.given()).toMatchObject({ status: 202 })
    const late = await wait(server, phone)
    expect(late.given()).toMatchObject({ status: 202, body: { retryAfter: 5 } })
  })

  test('APP-08 asks for 0 to 25 whole seconds', async () => {
    const { phone } = await asked()
    for (const waitSeconds of [-1, 26, 0.5, '5', null, 1e9])
      expect(await phone.collect({ waitSeconds })).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      })
    expect(await phone.collect({ waitSeconds: 0 })).toMatchObject({
      status: 202,
      body: { retryAfter: 5 },
    })
  })

  test('APP-08 waits by its own claim: without the key or the cookie nobody takes its place', async () => {
    const { server, phone: guest } = await asked(null)
    const waiting = await wait(server, guest)
    const thief = await createApplicant(server, { key: null })
    const { claim } = guest.pending
    expect(await thief.collect({ claim, waitSeconds: 25 })).toMatchObject({ status: 410 })
    await settled()
    expect(waiting.given()).toBeNull()
    await settle(server, 'approve', guest)
    await settled()
    expect(waiting.given()).toMatchObject({ status: 200 })
  })
})
