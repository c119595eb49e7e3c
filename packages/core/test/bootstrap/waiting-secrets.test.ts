import { faultyStore } from '@pair/testkit/store'
import { expect, test } from 'vitest'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, seen, settle, type Applicant } from '../kit/applicants.ts'
import { dumpStore, dumpText } from '../kit/dump.ts'
import { readEvents } from '../kit/events.ts'
import { createKeyed, createServer, secretOf } from '../kit/newcomers.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { ORIGIN } from '../kit/server.ts'

/** A secret, the part of it that counts, and what its bytes look like in other spellings. */
function spellings(text: string): string[] {
  const part = text.split('.').at(-1)!
  const bytes = Buffer.from(part, 'base64url')
  return [text, part, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, '')]
}

test('SEC-09 CODE-10 a busy day at the door leaves no claim, cookie or owner secret in store, lists, events, stream, log, refusals or errors', async () => {
  const line = faultyStore(memoryStore())
  const kept = keptSecrets()
  const server = createServer({ store: line.store, secret: kept, keyless: 'full' })
  const { pair } = server
  const heard: string[] = []
  pair.on('change', (event) => void heard.push(JSON.stringify(event)))
  pair.on('refused', (refusal) => void heard.push(JSON.stringify(refusal)))
  const secrets: string[] = []
  const answers: string[] = []
  const keep = (text: string | undefined): void => {
    if (text !== undefined) secrets.push(...spellings(text))
  }

  // the first owner, by a wrong secret and by the right one
  const { secret, link } = (await pair.ownerSecret({ origin: ORIGIN }))!
  keep(secret)
  expect(new URL(link).hash).toBe(`#owner=${secret}`)
  const owner = await createKeyed(server)
  const device = { label: 'The owner', kind: 'browser', publicKey: owner.key!.jwk }
  const claimOwner = async (text: string): ReturnType<typeof owner.call> => {
    const body = { secret: text, device }
    const at = { htm: 'POST', htu: `${ORIGIN}/auth/claim-owner`, at: server.clock() }
    const headers = { dpop: await owner.key!.prove({ ...at, body }) }
    return owner.call('/auth/claim-owner', { body, headers })
  }
  answers.push((await claimOwner(`${secret.slice(0, -1)}_`)).text)
  line.plan('commit', 'error-before', { thenDown: true })
  answers.push((await claimOwner(secret)).text)
  line.up()
  expect((await claimOwner(secret)).status).toBe(200)
  keep(owner.cookie().split('=')[1])
  answers.push((await claimOwner(secret)).text)
  answers.push((await server.call(`/auth/claim-owner?secret=${secret}`)).text)

  const ofStream = { htm: 'GET', htu: `${ORIGIN}/auth/access/events`, at: server.clock() }
  const dpop = await owner.key!.prove(ofStream)
  const stream = await pair.handler(
    new Request(`${ORIGIN}/auth/access/events?after=start`, {
      headers: { cookie: owner.cookie(), dpop },
    }),
  )

  /** Waits, with all that it was handed known. */
  const wait = async (who: Applicant, code?: string): Promise<void> => {
    const nonce = 'a nonce of its own'
    const { status, text } = await (code === undefined
      ? who.ask({ nonce })
      : who.redeem(code, { nonce }))
    if (status !== 202) throw new Error(`does not wait: ${text}`)
    keep(who.pending.claim)
    secrets.push(who.pending.proof)
    for (const value of who.jar.values()) keep(value)
  }
  const thief = await createApplicant(server, { key: null, address: '198.51.100.66' })
  /** All that is refused of a claim while it lives, and when it is over. */
  const refusals = async (who: Applicant): Promise<void> => {
    thief.pending = who.pending
    const { claim } = who.pending
    for (const { status, text } of [
      await thief.collect(),
      await thief.collect({ claim: `${claim}x` }),
      await thief.collect({ claim: claim.split('.')[1] }),
      await thief.withdraw(),
      await thief.collect({}, { headers: { origin: 'https://evil.example' } }),
      await thief.call('/auth/session', { headers: { authorization: `Bearer ${claim}` } }),
      await server.call(`/auth/claim?claim=${claim}`),
      await server.call('/auth/claim', { body: `{"claim":"${claim}"` }),
    ]) {
      if (status < 300) expect(text).toContain('"authenticated":false')
      answers.push(text)
    }
    line.plan('read', 'error-before', { thenDown: true })
    answers.push((await who.collect()).text)
    line.up()
  }
  const enter = async (who: Applicant): Promise<void> => {
    const { status, text, as } = await who.collect()
    if (status !== 200) throw new Error(`not let in: ${text}`)
    const { accessToken, refreshToken } = as<AuthorizedAnswer>()
    for (const value of [accessToken, refreshToken, ...who.jar.values()]) keep(value)
    answers.push((await who.collect()).text)
  }

  await pair.admission.set('approval')
  for (const key of [undefined, null] as const) {
    const address = key === null ? '203.0.113.1' : '203.0.113.2'
    const who = (n: number): ReturnType<typeof createApplicant> =>
      createApplicant(server, { ...(key === null ? { key } : {}), address: `${address}${n}` })
    const collected = await who(1)
    await wait(collected)
    await wait(collected)
    await refusals(collected)
    const { id, digest } = await seen(server, collected)
    const reason = 'Known to us'
    answers.push(
      (await owner.call(`/auth/approvals/${id}/approve`, { body: { digest, reason } })).text,
    )
    await enter(collected)
    await refusals(collected)
    const rejected = await who(2)
    await wait(rejected)
    await settle(server, 'reject', rejected)
    answers.push((await rejected.collect()).text, (await rejected.ask()).text)
    const left = await who(3)
    await wait(left)
    await left.withdraw()
    answers.push((await left.collect()).text)
    await wait(await who(4))
    server.clock.advance(600_000)
    await pair.sweep()
    server.clock.advance(-600_000)
    await wait(await who(5))
  }
  await pair.admission.set('code+approval')
  const issued = await pair.codes.issue({ uses: 2 })
  secrets.push(issued.typed, issued.typed.replaceAll('-', ''), secretOf(issued.link))
  for (const verb of ['approve', 'reject'] as const) {
    const holder = await createApplicant(server, { address: '203.0.113.90' })
    await wait(holder, issued.typed)
    answers.push((await owner.call('/auth/codes')).text)
    await settle(server, verb, holder)
    if (verb === 'approve') await enter(holder)
    else answers.push((await holder.collect()).text, (await holder.redeem(issued.typed)).text)
  }

  for (const path of ['approvals', 'access', 'admission', 'codes', 'sessions', 'devices']) {
    const answer = await owner.call(`/auth/${path}`)
    expect([path, answer.status]).toEqual([path, 200])
    answers.push(answer.text)
  }
  const { items } = await pair.audit.read({ limit: 1_000 })
  answers.push(JSON.stringify(items), JSON.stringify(await pair.approvals.list()))
  const reader = readEvents(stream!)
  for (let told = 0; told < items.length;) {
    const event = await reader.next()
    if (event?.event === 'change') told++
    answers.push(JSON.stringify(event))
  }
  await reader.cancel()

  const places = {
    store: dumpText(await dumpStore(server.store)),
    answers: answers.join('\n'),
    heard: heard.join('\n'),
    log: server.logs.map((logged) => JSON.stringify(logged)).join('\n'),
  }
  expect(secrets.length).toBeGreaterThan(60)
  for (const [place, text] of Object.entries(places)) {
    expect(text.length, place).toBeGreaterThan(2_000)
    for (const canary of secrets) {
      expect(canary.length).toBeGreaterThanOrEqual(9)
      expect(text.includes(canary), `${place} holds ${canary}`).toBe(false)
    }
  }
})
