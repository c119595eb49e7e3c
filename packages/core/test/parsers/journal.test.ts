import { expect, test } from 'vitest'
import type { StreamItem } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { startServer } from '../kit/server.ts'
import { createTexts } from './random-texts.ts'
import { journalTexts } from './tables/stored.ts'

const PAGE = 1_000

test('SEC-14 the journal takes 200,000 items of random text: those that are none are left out, and told the operator', async () => {
  const next = createTexts(1, {
    valid: journalTexts,
    words: [
      '{',
      '}',
      '"type"',
      ':',
      '"at"',
      '1',
      '"actor"',
      '{"kind":"server"}',
      ',',
      'null',
      '"a"',
    ],
  })
  const store = memoryStore()
  const page = (at: number): StreamItem[] =>
    Array.from({ length: PAGE }, (_, item) => ({
      position: String(at * PAGE + item).padStart(9, '0'),
      value: next(),
      keys: [],
    }))
  let pages = 0
  let reported = 0
  const { pair } = startServer({
    // a store whose journal holds whatever a stranger could have put there
    store: {
      ...store,
      tail: async () => {
        const items = page(pages++)
        const { position: latest = '' } = items.at(-1) ?? {}
        return { items, oldest: '000000000', latest, settled: true }
      },
    },
    logger: { debug() {}, info() {}, warn: () => void reported++, error: () => void reported++ },
  })
  let shown = 0
  let after: string | undefined
  for (let left = 200; left > 0; left--) {
    const { items, next: behind } = await pair.audit.read({
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    })
    for (const { type, at, actor, id } of items)
      if (typeof type !== 'string' || !(at >= 0) || typeof actor.kind !== 'string' || !id)
        throw new Error('broken')
    shown += items.length
    after = behind ?? undefined
  }
  expect(pages).toBe(200)
  expect(shown).toBeGreaterThan(1_000)
  expect(shown).toBeLessThan(199_000)
  expect(reported).toBeGreaterThan(0)
  await pair.close()
}, 20_000)
