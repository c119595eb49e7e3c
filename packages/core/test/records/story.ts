import { fixedClock } from '@pair/testkit/app'
import type { JWK } from 'jose'
import type { IssueCode } from '../../src/bootstrap/code-request.ts'
import type { Transport } from '../../src/http/wire.ts'
import type { Key } from '../../src/ports/store.ts'
import { dumpStore } from '../kit/dump.ts'
import { NOON } from '../kit/clock.ts'
import { ORIGIN, SECRET, startServer } from '../kit/server.ts'
import { createVisitor, pairVisitor, type PairWish, type Visitor } from '../kit/visitor.ts'
import { createKeptKey } from './proofs.ts'

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
  parties: Record<string, Party>
  codes: Record<string, { id: string; typed: string }>
  tickets: Record<string, string>
  /** A key that never paired, to which one code is bound. */
  guest: JWK
  /** A proof of the owner's for `GET /auth/session` that was used. */
  spentProof: string
}

/** The options of every server on this story's store. */
export const STORY_OPTIONS = {
  publicUrl: ORIGIN,
  keyless: 'full',
  scopes: ['notes:read', 'notes:write'],
} as const

/** Lives through one of everything that core keeps a record of. */
export async function tellStory(): Promise<Story> {
  const clock = fixedClock(NOON)
  const server = startServer({ ...STORY_OPTIONS, clock })
  const { pair, store } = server
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

  await issue('lapsed', { expiresInMs: 30_000 })
  clock.advance(31_000)
  await pair.sweep()

  await keyless('left', {})
  const owner = await keyed('owner')
  await owner.call('POST', '/sessions/revoke-others', { body: {}, proof: true })

  await issue('crowd', { uses: 4, label: 'For four', scopes: ['notes:read'] as never })
  const browser = createVisitor(server)
  await browser.redeem(codes.crowd!.typed)
  await keep('browser', browser, null)
  await createVisitor(server).call('POST', '/redeem', { body: { code: codes.crowd!.typed } })
  const strict = startServer({ ...STORY_OPTIONS, keyless: 'limited', clock, store })
  await keep('limited', await pairVisitor(strict), null)
  await keyless('bearer', {
    transport: 'bearer',
    code: { subject: 'bob', data: { room: 7 }, session: { absoluteMs: 3_600_000 } },
  })
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
  const agent = { label: 'An agent', kind: 'agent' }
  await createVisitor(server).call('POST', '/redeem', {
    body: { code: codes.used!.typed, device: agent },
  })

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

  const rows = (await dumpStore(store)).filter((row) => row.key[0] !== 'journal')
  const { items } = await store.tail(['pair', 'journal'], null, 1_000)
  const journal = items.map(({ value }) => value)
  return {
    at: clock(),
    secret: SECRET,
    rows,
    journal,
    parties,
    codes,
    tickets,
    guest: guest.jwk,
    spentProof,
  }
}
