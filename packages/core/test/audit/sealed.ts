import type { Seal } from '../../src/audit/seal.ts'
import type { Key, Store, StreamItem } from '../../src/ports/store.ts'
import { createEdge, HERE, type Edge } from '../kit/edge.ts'

/** Seals at each sweep. */
export const CHAIN = { audit: { chain: true } } as const

/** The same store, whose journal was changed by somebody who has the database. */
export function tampered(store: Store, edit: (items: StreamItem[]) => StreamItem[]): Store {
  return {
    ...store,
    async tail(stream, after, limit) {
      const told = await store.tail(stream, null, 100_000)
      const items = edit([...told.items]).filter(({ position }) => position > (after ?? ''))
      return { ...told, items: items.slice(0, limit) }
    },
  }
}

/** All seals that are held, in order. */
export async function sealsOf(store: Store): Promise<{ key: Key; version: string; seal: Seal }[]> {
  const entries = await store.list(['pair', 'seal'], { limit: 1_000 })
  return entries.map(({ key, version, value }) => ({
    key,
    version,
    seal: (JSON.parse(value) as { record: Seal }).record,
  }))
}

/** Writes a record anew, as whoever has the database can. */
export async function rewrite(store: Store, key: Key, record: object | null): Promise<void> {
  const entry = await store.read(key)
  const value = record && JSON.stringify({ ...JSON.parse(entry!.value), record })
  const write = value === null ? { key, value } : { key, value, purgeAt: null }
  await store.commit([], [write])
}

/** Three seals of four codes each, and two codes that are not sealed. */
export async function sealThree(store: Store): Promise<Edge> {
  const edge = createEdge({ store, ...CHAIN })
  for (let n = 0; n < 3; n++) {
    for (let code = 0; code < 4; code++) await edge.pair.codes.issue({ origin: HERE })
    edge.pass(60_000)
    await edge.pair.sweep()
  }
  for (let code = 0; code < 2; code++) await edge.pair.codes.issue({ origin: HERE })
  return edge
}
