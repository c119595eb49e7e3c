import type { MintAnswerWire } from '../../src/http/relay-routes.ts'
import type { Pair } from '../../src/pair.ts'
import { verifyMintAnswer, type MintAnswer } from '../../src/relay.ts'
import { ORIGIN } from '../kit/server.ts'
import { letterOf, toRequest, type Letter } from '../records/letters.ts'
import { createKeptKey, publicPart } from '../records/proofs.ts'
import { relayedBy } from '../records/relayed.ts'
import type { Story } from '../records/story.ts'
import type { OperationMakers, Rest } from './makers.ts'
import type { Stage } from './stage.ts'
import { turned, type Gave } from './truths.ts'
import type { Held, Told } from './waiting-invariants.ts'

const NTH = 11

/** What relays ask, each with a call that is right in this story. */
export async function relayOperations(
  { at, parties }: Story,
  { letters, wire }: OperationMakers,
): Promise<void> {
  const { key, jwk } = await createKeptKey()
  const request = await relayedBy(key, at, NTH)
  const minting = await letterOf(at, 'POST', '/auth/relay/mint', { body: { request } })
  const send = async (pair: Pair, letter: Letter): Promise<Response> =>
    (await pair.handler(toRequest(letter), { remoteAddress: '127.9.9.6' }))!

  async function open(stage: Stage, { answer }: MintAnswerWire): Promise<MintAnswer | null> {
    const keys = await send(stage.truth, await letterOf(at, 'GET', '/auth/jwks.json'))
    return verifyMintAnswer(answer, {
      environmentKeys: (await keys.json()) as { keys: unknown[] },
      environment: `${ORIGIN}/auth`,
      relayId: 'hub',
      nonce: `nonce-of-request-${NTH}`,
      thumbprint: key.thumbprint,
      now: at,
    })
  }

  /** The client itself comes, with its key. */
  const come = async ({ truth }: Stage, path: string, body: object): Promise<boolean> => {
    const party = { ...parties.owner!, key: jwk }
    const wish = { party, withoutCredential: true, covers: true, body }
    return (await send(truth, await letterOf(at, 'POST', `/auth/${path}`, wish))).status === 200
  }
  /** What was answered lets its client in; the same request is answered once. */
  const isWay =
    (status: MintAnswer['status']): NonNullable<Rest['isTrue']> =>
    async (stage, { body }: Gave<MintAnswerWire>) => {
      const way = await open(stage, body)
      if (way?.status !== status || (await send(stage.truth, minting)).status !== 401) return false
      if (way.status === 'authorized') {
        const device = { label: 'By a relay', kind: 'app', publicKey: publicPart(jwk) }
        return come(stage, 'redeem', { code: way.code, device, transport: 'dpop' })
      }
      const { items } = await stage.truth.approvals.list()
      const { digest } = items.find(({ id }) => id === way.approval.id)!
      if (await come(stage, 'claim', { claim: way.claim })) return false
      await stage.truth.approvals.approve(way.approval.id, { digest })
      return come(stage, 'claim', { claim: way.claim })
    }

  const stood = new WeakMap<Stage, string[]>()
  const waysIn = async ({ truth }: Stage): Promise<string[]> => {
    const [codes, approvals] = await Promise.all([truth.codes.list(), truth.approvals.list()])
    return [...codes.items, ...approvals.items.filter(({ state }) => state === 'pending')].map(
      ({ id }) => id,
    )
  }
  const mints = (mode: 'code' | 'approval'): Rest => ({
    mints: true,
    async before(stage) {
      await turned(mode).before(stage)
      stood.set(stage, await waysIn(stage))
    },
    isTrue: isWay(mode === 'code' ? 'authorized' : 'pending'),
    // Nobody has a way in by it, and nothing that may be said once is used up: another instance answers the same request.
    async isUndone(stage) {
      const ways = await waysIn(stage)
      if (ways.some((id) => !stood.get(stage)!.includes(id))) return false
      const again = await send(stage.truth, minting)
      return again.status === 200
    },
  })
  letters['relayed request, authorized'] = minting
  wire('relayed request, authorized', mints('code'))
  letters['relayed request, pending'] = minting
  wire('relayed request, pending', mints('approval'))
}

type RelayEvent = Told & { approvalId?: string }

/** What must hold of what relays may say once; every line is a breach. */
export function relayBreaches(records: readonly Held[], told: readonly RelayEvent[]): string[] {
  const marks = records.filter(({ word }) => word === 'relay')
  const mints = new Set(marks.map(({ record }) => record.mint))
  const breaches = [...mints].flatMap((mint) => {
    const own = marks.filter(({ record }) => record.mint === mint)
    return own.length === 3 ? [] : [`${own.length} marks of one request`]
  })
  // What was refused and found done was taken back by the server, and its marks with it.
  const back = told.filter(
    ({ type, actor }) =>
      actor.kind === 'server' && (type === 'code.revoked' || type === 'approval.displaced'),
  )
  const stand = told.filter(
    ({ type, codeId, approvalId }) =>
      (type === 'relay.minted' && !back.some((each) => each.codeId === codeId)) ||
      (type === 'relay.pending' && !back.some((each) => each.approvalId === approvalId)),
  )
  if (stand.length !== mints.size)
    breaches.push(`${mints.size} requests of relays in the records, ${stand.length} told`)
  return breaches
}
