import type { Check, Put, Remove, Store } from '@pair/core'
import { dice } from './dice.ts'

const KEYS = ['a', 'b', 'c', 'd'].map((name) => ['records', name])

export interface Business {
  seed: number
  workers?: number
  /** How many calls each worker makes. */
  calls?: number
}

/** Lets others have their turn, a few times. */
export async function turns(count: number): Promise<void> {
  for (; count > 0; count--) await new Promise((resolve) => setImmediate(resolve))
}

/** A store whose calls come to it late and answer late, so that the calls of many overlap. */
export function lateStore(real: Store, seed: number): Store {
  const draw = dice(seed)
  const late = async <T>(go: () => Promise<T>): Promise<T> => {
    await turns(draw(4))
    const answer = await go()
    await turns(draw(4))
    return answer
  }
  return {
    ...real,
    read: (key) => late(() => real.read(key)),
    list: (prefix, page) => late(() => real.list(prefix, page)),
    commit: (checks, writes) => late(() => real.commit(checks, writes)),
    increment: (counter, by, purgeAt) => late(() => real.increment(counter, by, purgeAt)),
  }
}

/** Each write is of a value of its own, also beside workers of another seed. Workers that read, list, write over what they read, write blindly, remove and count, all at once, whatever fails. */
export async function keepBusy(
  store: Store,
  { seed, workers = 40, calls = 50 }: Business,
): Promise<void> {
  const draw = dice(seed)
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))

  async function work(worker: number): Promise<void> {
    const versions = new Map<string, string | null>()
    for (let call = 0; call < calls; call++)
      await oneCall(`${seed}.${worker}.${call}`, versions).catch(() => {})
  }

  async function oneCall(attempt: string, versions: Map<string, string | null>): Promise<void> {
    const key = KEYS[draw(KEYS.length)]!
    const kind = draw(20)
    if (kind < 6) versions.set(key.join(), (await store.read(key))?.version ?? null)
    else if (kind < 7)
      for (const entry of await store.list(['records'], { limit: 9 }))
        versions.set(entry.key.join(), entry.version)
    else if (kind < 11) await store.increment(['counters', `${draw(2)}`], draw(3), 0)
    else if (kind < 12) await store.commit([], [writeOf(key, attempt)])
    else {
      const other = KEYS[draw(KEYS.length)]!
      const both = other === key ? [key] : [key, other]
      const checks: Check[] = []
      for (const each of both) {
        const known = versions.get(each.join())
        const version = known === undefined ? ((await store.read(each))?.version ?? null) : known
        checks.push({ key: each, version })
        versions.delete(each.join())
      }
      await store.commit(
        checks,
        both.map((each) => writeOf(each, attempt)),
      )
    }
  }

  function writeOf(key: readonly string[], attempt: string): Put | Remove {
    return draw(12) === 0 ? { key, value: null } : { key, value: attempt, purgeAt: null }
  }
}
