import { fixedClock } from '@pair/testkit/app'
import type { JWK } from 'jose'
import type { IssueCode } from '../../src/bootstrap/code-request.ts'
import type { AuthorizedAnswer, Transport } from '../../src/http/wire.ts'
import { toBase64Url } from '../../src/encoding/base64url.ts'
import { utf8 } from '../../src/encoding/bytes.ts'
import type { SecretSource } from '../../src/ports/runtime.ts'
import type { Key } from '../../src/ports/store.ts'
import { dumpStore } from '../kit/dump.ts'
import { NOON } from '../kit/clock.ts'
import { createServer } from '../kit/newcomers.ts'
import { ROOMY } from '../kit/roomy.ts'
import { ORIGIN, SECRET, startServer } from '../kit/server.ts'
import { createVisitor, pairVisitor, type PairWish, type Visitor } from '../kit/visitor.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { storyOAuth, tellOfDeviceGrants, type DeviceGrants } from './device-grants.ts'
import { storyAgents, tellOfAgents, type Agents } from './agents.ts'
import { countedStore, tellOfGuesses, type Count, type Guesses } from './guesses.ts'
import { createKeptKey } from './proofs.ts'
import { relayedBy, storyRelay, type RelayedTexts } from './relayed.ts'
import { BRIEF, tellOfWaiting, type Waiting } from './waiting.ts'

/** A device as it stands at the end of the story, with all the secrets that it was given. */
export interface Party {
  transport: Transport
  /** `name=value` of its cookie; empty where it has none. */
  cookie: string
  token: string
  refreshToken: string | null
  key: JWK | null
  sessionId: string
  deviceId: string
}

/** All that a server's store holds after a while, and who was given what. Plain JSON. */
export interface Story {
  at: number
  secret: string
  rows: { key: Key; value: string }[]
  journal: string[]
  /** Those that count still. */
  counts: Count[]
  parties: Record<string, Party>
  codes: Record<string, { id: string; typed: string }>
  tickets: Record<string, string>
  waiting: Waiting
  guesses: Guesses
  /** The bytes of the secret by which the first owner came in, as text. */
  ownerSecret: string
  /** A key that never paired, to which one code is bound. */
  guest: JWK
  /** Who redeemed a code and lost the answer, or never looked at it. */
  lost: { typed: string; key: JWK }
  /** A proof of the owner's for `GET /auth/session` that was used. */
  spentProof: string
  /** Of stories that were told since there are relays. */
  relayed?: RelayedTexts
  /** Of stories that were told since there is the device grant. */
  granted?: DeviceGrants
  /** Of stories that were told since agents have keys. */
  agents?: Agents
  /** Of stories whose journal is sealed and whose refusals are counted. */
  audited?: true
}

/** The options of every server on this story's store. */
export const STORY_OPTIONS = {
  publicUrl: ORIGIN,
  keyless: 'full',
  scopes: ['notes:read', 'notes:write'],
  limits: ROOMY,
  audit: { chain: true },
  extensions: [storyOAuth(), storyRelay(), storyAgents()],
} as const

/** The secrets of a server whose owner has come. */
export function secretsOf(secret: string, ownerSecret: string, isSpent = true): SecretSource {
  return {
    getOrCreate: async (name) => (name === 'owner' ? utf8(ownerSecret) : utf8(secret)),
    markSpent: async () => true,
    isSpent: async () => isSpent,
  }
}

const OWNER_SECRET = 'owner-secret-0123456789-abcdefghijklmnop'

/** Lives through one of everything that core keeps a record of. */
export async function tellStory(): Promise<Story> {
  const clock = fixedClock(NOON)
  const { store, counts } = countedStore(memoryStore({ clock }))
  const secret = secretsOf(SECRET, OWNER_SECRET, false)
  const options = { ...STORY_OPTIONS, clock, secret, store }
  const server = createServer(options)
  const { pair } = server
  const codes: Story['codes'] = {}
  const issue = async (name: string, wish: IssueCode<never> = {}): Promise<void> => {
    const { code, typed } = await pair.codes.issue(wish)
    codes[name] = { id: code.id, typed }
  }
  const parties: Story['parties'] = {}
  const visitors: Record<string, Visitor> = {}
  const keep = async (name: string, visitor: Visitor, key: JWK | null): Promise<Visitor> => {
    const { session, accessToken, refreshToken = null } = visitor
    parties[name] = {
      transport: session.transport,
      cookie: accessToken === undefined ? visitor.cookieHeader() : '',
      token: accessToken ?? visitor.cookie(),
      refreshToken,
      key,
      sessionId: session.id,
      deviceId: session.device.id,
    }
    return (visitors[name] = visitor)
  }
  const keyless = async (name: string, wish: PairWish): Promise<Visitor> =>
    keep(name, await pairVisitor(server, wish), null)
  const keyed = async (name: string, wish: PairWish = {}): Promise<Visitor> => {
    const { key, jwk } = await createKeptKey()
    return keep(name, await pairVisitor(server, { ...wish, key }), jwk)
  }

  const keepFounder = async (): Promise<void> => {
    const { key, jwk } = await createKeptKey()
    const visitor = createVisitor(server, key)
    const device = { label: 'The founder', kind: 'browser', publicKey: key.jwk }
    const body = { secret: toBase64Url(utf8(OWNER_SECRET)), device }
    const htu = `${ORIGIN}/auth/claim-owner`
    const proof = await key.prove({ htm: 'POST', htu, at: clock(), body })
    const answer = await visitor.call<AuthorizedAnswer>('POST', '/claim-owner', { body, proof })
    visitor.session = answer.body.session
    await keep('founder', visitor, jwk)
  }

  await pair.signingKeys.rotate()
  await issue('lapsed', { expiresInMs: 30_000 })
  clock.advance(31_000)
  await pair.sweep()

  await keyless('left', {})
  const owner = await keyed('owner')
  await owner.call('POST', '/sessions/revoke-others', { body: {}, proof: true })

  await keyed('dismissed')
  const turn = async (mode: string, reevaluate = false): Promise<void> => {
    const { version } = await pair.admission.get()
    const body = { mode, version, reevaluate }
    const { status, text } = await owner.call('PUT', '/admission', { body, proof: true })
    if (status !== 200) throw new Error(`not turned: ${text}`)
  }
  // Whoever came in by a code alone is out; the owner who asks stays.
  await turn('approval', true)
  await keepFounder()
  const waiting = await tellOfWaiting(server, createServer({ ...options, ...BRIEF }), {
    turn,
    async approve(id, digest) {
      const body = { digest, reason: 'Known to us' }
      await owner.call('POST', `/approvals/${id}/approve`, { body, proof: true })
    },
    async issue(name, uses) {
      await issue(name, { uses })
      return codes[name]!.typed
    },
    admit(name, { jar }, { session, accessToken, refreshToken = null }, key) {
      const [cookie] = [...jar]
      parties[name] = {
        transport: session.transport,
        cookie: accessToken === undefined ? cookie!.join('=') : '',
        token: accessToken ?? cookie![1],
        refreshToken,
        key,
        sessionId: session.id,
        deviceId: session.device.id,
      }
    },
  })

  const granted = await tellOfDeviceGrants(server)

  // From here on whoever is seen is seen for good: nobody's last time is older than the end.
  clock.advance(60_000)
  await issue('crowd', { uses: 4, label: 'For four', scopes: ['notes:read'] as never })
  const browser = createVisitor(server)
  await browser.redeem(codes.crowd!.typed)
  await keep('browser', browser, null)
  await createVisitor(server).call('POST', '/redeem', { body: { code: codes.crowd!.typed } })
  const strict = startServer({ ...STORY_OPTIONS, keyless: 'limited', clock, store })
  await keep('limited', await pairVisitor(strict), null)
  const renewing = await pairVisitor(server, {
    transport: 'bearer',
    code: { subject: 'bob', data: { room: 7 }, session: { absoluteMs: 3_600_000 } },
  })
  const { body: renewed } = await renewing.call<AuthorizedAnswer>('POST', '/renew', {
    body: { refreshToken: renewing.refreshToken },
    authorization: null,
  })
  renewing.accessToken = renewed.accessToken
  renewing.refreshToken = renewed.refreshToken
  await keep('bearer', renewing, null)
  const { key, jwk } = await createKeptKey()
  await keep('replaced', await pairVisitor(server, { key }), jwk)
  await keep('dpop', await pairVisitor(server, { key, transport: 'dpop' }), jwk)

  const issuedBy = async (name: string, visitor: Visitor): Promise<void> => {
    const { body } = await visitor.call<{ code: { id: string }; typed: string }>('POST', '/codes', {
      body: { label: 'From a device' },
      proof: true,
    })
    codes[name] = { id: body.code.id, typed: body.typed }
  }
  await issuedBy('given', owner)
  await issuedBy('orphan', await keyed('revoked'))
  await pair.sessions.revoke(parties.revoked!.sessionId)
  const banished = await keyed('banished')
  await pair.devices.revoke(banished.session.device.id)
  const leaver = await keyless('leaver', {})
  await leaver.call('POST', '/logout', { body: {} })

  const guest = await createKeptKey()
  await issue('open')
  await issue('bound', { boundThumbprint: guest.key.thumbprint })
  await issue('unlimited', { uses: 'unlimited' })
  await issue('withdrawn')
  await pair.codes.revoke(codes.withdrawn!.id)
  await issue('used')
  const guesses = await tellOfGuesses(server, codes.used!.typed)
  await createVisitor(server).redeem(codes.used!.typed)
  // Told behind the answer.
  while (
    !(await pair.audit.read({ limit: 1_000 })).items.some(({ type }) => type === 'code.reused')
  )
    await new Promise((resolve) => setTimeout(resolve, 1))
  const loser = await createKeptKey()
  const { typed } = await pair.codes.issue()
  await createVisitor(server, loser.key).redeem(typed)
  const lost = { typed, key: loser.jwk }

  const agents = await tellOfAgents(server, owner)
  const bearer = visitors.bearer!
  const tickets = {
    socket: await owner.ticket('socket'),
    stream: await owner.ticket('stream'),
    naked: await owner.ticket('stream'),
    bearer: await bearer.ticket('socket'),
    used: await bearer.ticket('stream'),
  }
  await pair.authenticate(new Request(`${ORIGIN}/app?ticket=${tickets.used}`))
  const url = { htm: 'GET', htu: `${ORIGIN}/auth/session`, at: clock() }
  const spentProof = await owner.key!.prove(url)
  await owner.call('GET', '/session', { proof: spentProof })

  const { key: far } = await createKeptKey()
  const [spent, unsent] = [await relayedBy(far, clock(), 1), await relayedBy(far, clock(), 2)]
  await createVisitor(server).call('POST', '/relay/mint', { body: { request: spent } })

  // What was refused is on record.
  await pair.audit.refusals()
  const rows = (await dumpStore(store)).filter((row) => row.key[0] !== 'journal')
  const { items } = await store.tail(['pair', 'journal'], null, 1_000)
  const journal = items.map(({ value }) => value)
  return {
    at: clock(),
    secret: SECRET,
    rows,
    journal,
    counts: counts().filter(({ purgeAt }) => purgeAt > clock()),
    parties,
    codes,
    tickets,
    waiting,
    guesses,
    ownerSecret: OWNER_SECRET,
    guest: guest.jwk,
    lost,
    spentProof,
    agents,
    granted,
    relayed: { spent, unsent },
    audited: true,
  }
}
