import type { ApprovalId, Thumbprint } from '../ids.ts'
import type { Millis } from '../time.ts'

/** One place in the queue of requests that wait for a decision. */
export interface Place {
  id: ApprovalId
  thumbprint: Thumbprint | null
  network: string
  holdsCode: boolean
  since: Millis
  expiresAt: Millis
}

/** All that wait, oldest first. One record: its version makes the caps hold between rivals. */
export interface Queue {
  places: Place[]
}

export const QUEUE_CAP = 32
/** Those without a code never take more: the other places are for who holds one. */
export const STRANGERS_CAP = 16
export const NETWORK_CAP = 2
/** Those whose network can't be told: one of them must neither take all places nor shut out the others. */
export const SHARED_CAP = 8
export const SHARED = 'shared'

/** The network of all who come by a relay: where each of them is nobody knows here. */
export function networkOfRelay(id: string): string {
  return `${SHARED}-by-${id}`
}

/** Is that the network of many who are not told apart by it? No address reads like that. */
export function manyShare(network: string): boolean {
  return network === SHARED || network.startsWith(`${SHARED}-by-`)
}

/** The network of somebody as the queue knows it. */
export function networkInQueue({ network, folded }: { network: string; folded: boolean }): string {
  return folded ? SHARED : network
}

export type JoinOutcome =
  | { ok: true; places: Place[]; displaced: Place | null }
  | { ok: false; retryMs: Millis }

/**
 * The queue after somebody joined it: two a network (eight where networks can't be told) and of one kind, so that strangers never take the places of who
 * holds a code. Where it is full the busiest network loses its oldest, once that has had `keepMs` to be decided.
 */
export function joinQueue(
  waiting: readonly Place[],
  next: Place,
  keepMs: Millis,
  now: Millis,
): JoinOutcome {
  // one a key: whoever asks again goes on in its place
  const others = waiting.filter(
    ({ id, thumbprint }) =>
      id !== next.id && (thumbprint === null || thumbprint !== next.thumbprint),
  )
  const alike = others.filter(({ holdsCode }) => holdsCode === next.holdsCode)
  const neighbours = alike.filter(({ network }) => network === next.network)
  const strangers = others.filter(({ holdsCode }) => !holdsCode)
  const isFull =
    others.length >= QUEUE_CAP || (!next.holdsCode && strangers.length >= STRANGERS_CAP)
  if (isFull && !next.holdsCode && strangers.length === 0) return { ok: false, retryMs: keepMs }
  const loser =
    neighbours.length >= (manyShare(next.network) ? SHARED_CAP : NETWORK_CAP)
      ? neighbours[0]
      : isFull
        ? oldestOfBusiest(strangers.length > 0 ? strangers : others)
        : undefined
  if (loser === undefined) return { ok: true, places: inOrder([...others, next]), displaced: null }
  // A code holder need not wait for a stranger's turn to end.
  const since = loser.holdsCode === next.holdsCode ? now - loser.since : keepMs
  if (since >= 0 && since < keepMs) return { ok: false, retryMs: keepMs - since }
  return {
    ok: true,
    places: inOrder([...others.filter(({ id }) => id !== loser.id), next]),
    displaced: loser,
  }
}

/** Oldest first: whoever goes on with a changed request has his old place. */
function inOrder(places: readonly Place[]): Place[] {
  return [...places].sort((a, b) => a.since - b.since)
}

function oldestOfBusiest(places: readonly Place[]): Place | undefined {
  const count = (network: string): number =>
    places.filter((place) => place.network === network).length
  const most = Math.max(0, ...places.map(({ network }) => count(network)))
  return places.find(({ network }) => count(network) === most)
}
