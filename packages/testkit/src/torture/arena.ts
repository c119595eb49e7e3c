import type { Actor, Pair, Store } from '@pair/core'
import { RefusedError } from './apps.ts'
import { openPlace } from './open.ts'
import { addressOf, ORIGIN, redeemRequest, roomyPair } from './roomy-pair.ts'
import { scoped, type Scope } from './scope.ts'
import { surely } from './surely.ts'
import type { TorturedPlace, TorturedStore } from './tortured-store.ts'

/** One issuer has no more than 20 live codes; one that nobody heard of counts too. */
const CODES_EACH = 16
const ISSUERS_AT_ONCE = 4

/** The runner's own view of a place that others fight over. */
export interface Arena {
  store: Store
  pair: Pair<string>
  /** That many live codes. */
  issue(count: number): Promise<string[]>
  /** The sessions that it made to issue them. */
  issuers: ReadonlySet<string>
  /** Ends these, and with them what is left of their codes: there is room for others. */
  dismiss(): Promise<void>
}

/** An empty place, as long as the work takes. */
export async function freshPlace(store: TorturedStore, scope: Scope): Promise<TorturedPlace> {
  const place = await store.fresh()
  scope.atEnd(() => place.remove?.())
  return place
}

/** Opens a place, as long as the work takes. */
export async function openArena(
  { module }: TorturedStore,
  place: TorturedPlace,
  scope: Scope,
): Promise<Arena> {
  const { store, close } = await openPlace(module, place.setting)
  const pair = roomyPair(store)
  scope.atEnd(async () => {
    await pair.close()
    await close()
  })
  const issuers = new Set<string>()
  let attempts = 0
  let standing: `ses_${string}`[] = []

  async function issuer(): Promise<Actor> {
    const session = await surely(async () => {
      const { typed } = await pair.codes.issue({ origin: ORIGIN, scopes: ['notes'] })
      const info = { remoteAddress: addressOf(process.pid, attempts++) }
      const answer = (await pair.handler(redeemRequest(typed), info))!
      const body = (await answer.json()) as {
        code?: string
        session?: { id: `ses_${string}`; device: { id: `dev_${string}` } }
      }
      if (body.session) return body.session
      throw new RefusedError(body.code ?? `nobody is there to issue codes: ${answer.status}`)
    })
    issuers.add(session.id)
    standing.push(session.id)
    return { kind: 'session', sessionId: session.id, deviceId: session.device.id }
  }

  return {
    store,
    pair,
    issuers,
    async issue(count) {
      const codes: string[] = []
      let left = count
      const lane = async (): Promise<void> => {
        while (left > 0) {
          const some = Math.min(left, CODES_EACH)
          left -= some
          const by = await issuer()
          for (let n = 0; n < some; n++)
            codes.push((await surely(() => pair.codes.issue({ origin: ORIGIN }, by))).typed)
        }
      }
      await Promise.all(Array.from({ length: ISSUERS_AT_ONCE }, lane))
      return codes
    },
    async dismiss() {
      const ending = standing
      standing = []
      await Promise.all(ending.map((id) => surely(() => pair.sessions.revoke(id))))
    },
  }
}

/** Opens a place for a moment. */
export function inArena<T>(
  store: TorturedStore,
  place: TorturedPlace,
  work: (arena: Arena) => Promise<T>,
): Promise<T> {
  return scoped(async (scope) => work(await openArena(store, place, scope)))
}
