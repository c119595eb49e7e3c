import { expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createEdge, HERE } from '../kit/edge.ts'
import { CHAIN, tampered } from './sealed.ts'

const DAY = 86_400_000

/** What can't be read here, and stands in the journal all the same. */
const FOREIGN = {
  'that no version wrote': () => 'no event',
  'whose shape is of a newer version': (at: number) =>
    JSON.stringify({ type: 'code.issued', at, actor: 'somebody' }),
  'whose time is none': () => JSON.stringify({ type: 'code.issued', at: 'soon', actor: {} }),
}

test.each(Object.entries(FOREIGN))(
  'EVT-02 SEC-16 an item %s is forgotten in time, however late it was sealed, and until then its loss is told',
  async (_what, textAt) => {
    const store = memoryStore()
    const edge = createEdge({ store, ...CHAIN })
    await edge.pair.codes.issue({ origin: HERE })
    const at = edge.now()
    const value = textAt(at)
    await store.commit([], [{ append: ['pair', 'journal'], value, purgeAt: at + 90 * DAY }])
    const placeOf = async (): Promise<string | undefined> => {
      const { items } = await store.tail(['pair', 'journal'], null, 100)
      return items.find((item) => item.value === value)?.position
    }
    const id = await placeOf()
    // Nobody swept for a week.
    edge.pass(7 * DAY)
    await edge.pair.sweep()
    expect(await edge.pair.audit.verify()).toMatchObject({ ok: true, forgotten: 0 })
    edge.pass(82 * DAY)
    const lost = tampered(store, (items) => items.filter((item) => item.value !== value))
    const early = createEdge({ store: lost, ...CHAIN, clock: edge.now })
    expect(await early.pair.audit.verify()).toMatchObject({ ok: false, fault: 'item_removed', id })
    edge.pass(DAY + 60_000)
    await edge.pair.sweep()
    expect(await placeOf()).toBe(undefined)
    expect(await edge.pair.audit.verify()).toMatchObject({ ok: true, forgotten: 2 })
  },
)
