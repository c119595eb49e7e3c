import type { CommitOp, KeyText, Op, Result, ValueId } from './op.ts'

/** What the store holds at one moment. Never changed; the same content is the same object. */
export interface Holdings {
  id: number
  values: ReadonlyMap<KeyText, ValueId>
  /** The items of all streams as a bag, in the order of their numbers. */
  journal: readonly ValueId[]
  counters: ReadonlyMap<KeyText, number>
}

/** A store whose moments are values, so that a search can hold many of them. */
export interface StoreModel {
  empty: Holdings
  /** The number of a text; the same for the same text. */
  number(text: string): ValueId
  text(value: ValueId): string
  /** The parsed text. Not to be changed. */
  parsed(value: ValueId): unknown
  /** Carries out a call that waits for nobody; `after` is the same object where nothing changed. */
  carryOut(holdings: Holdings, op: Op): { after: Holdings; result: Result }
  /** How many different contents were met. */
  size(): number
}

export function createStoreModel(): StoreModel {
  const numbers = new Map<string, ValueId>()
  const texts: string[] = ['']
  const parsedTexts: unknown[] = [null]
  const keys = new Map<KeyText, number>()
  const known = new Map<string, Holdings>()
  const applied = new Map<Holdings, Map<CommitOp, Holdings>>()

  function numberOfKey(key: KeyText): number {
    const old = keys.get(key)
    if (old !== undefined) return old
    keys.set(key, keys.size)
    return keys.size - 1
  }

  function intern(parts: Omit<Holdings, 'id'>): Holdings {
    const values: number[] = []
    for (const [key, value] of parts.values) values[numberOfKey(key)] = value
    const counters = [...parts.counters].map(([key, total]) => `${key}=${total}`).sort()
    const content = `${values.join()}|${parts.journal.join()}|${counters.join()}`
    const old = known.get(content)
    if (old) return old
    const fresh = { id: known.size, ...parts }
    known.set(content, fresh)
    return fresh
  }

  function commit(holdings: Holdings, op: CommitOp): Holdings {
    const memory = applied.get(holdings) ?? new Map<CommitOp, Holdings>()
    applied.set(holdings, memory)
    const old = memory.get(op)
    if (old) return old
    const values = new Map(holdings.values)
    for (const { key, value } of op.writes) {
      if (value === 0) values.delete(key)
      else values.set(key, value)
    }
    const journal =
      op.appends.length === 0
        ? holdings.journal
        : [...holdings.journal, ...op.appends].sort((a, b) => a - b)
    const after = intern({ values, journal, counters: holdings.counters })
    memory.set(op, after)
    return after
  }

  return {
    empty: intern({ values: new Map(), journal: [], counters: new Map() }),
    number(text) {
      const old = numbers.get(text)
      if (old !== undefined) return old
      numbers.set(text, texts.length)
      texts.push(text)
      return texts.length - 1
    },
    text: (value) => texts[value]!,
    parsed: (value) => (parsedTexts[value] ??= JSON.parse(texts[value]!) as unknown),
    carryOut(holdings, op) {
      switch (op.call) {
        case 'read':
          return {
            after: holdings,
            result: { is: 'value', value: holdings.values.get(op.key) ?? 0 },
          }
        case 'list': {
          const keys = [...holdings.values.keys()].filter(
            (key) => key.startsWith(op.below) && key > op.after,
          )
          const values = keys
            .sort()
            .slice(0, op.limit)
            .map((key) => ({ key, value: holdings.values.get(key)! }))
          return { after: holdings, result: { is: 'values', values } }
        }
        case 'commit': {
          const done = op.checks.every(
            ({ key, version }) => (holdings.values.get(key) ?? 0) === version,
          )
          return {
            after: done ? commit(holdings, op) : holdings,
            result: { is: 'committed', done },
          }
        }
        case 'increment': {
          const total = (holdings.counters.get(op.key) ?? 0) + op.by
          const counters = new Map(holdings.counters).set(op.key, total)
          return { after: intern({ ...holdings, counters }), result: { is: 'total', total } }
        }
        case 'start':
        case 'timer':
        case 'tick':
          return { after: holdings, result: { is: 'nothing' } }
      }
    },
    size: () => known.size,
  }
}
