import type { Entry, Key, Store, Write } from '@pair/core'

const JOURNAL = ['contest', 'journal']

export interface Contest {
  /** Another one for each store of a history: it is in all that is written. */
  name: string
  workers: number
  /** How many rounds each worker takes. */
  rounds: number
}

/**
 * As the services use a store, whatever fails: things that are used once, decisions that check more than they write, and counters.
 * In each round all workers of all processes want the same.
 */
export async function contend(store: Store, { name, workers, rounds }: Contest): Promise<void> {
  let writes = 0
  const value = (what: string): string => `${what} by ${name}.${++writes}`
  const put = (key: Key, what: string): Write => ({ key, value: value(what), purgeAt: null })
  const checkOf = (key: Key, entry: Entry | null): { key: Key; version: string | null } => ({
    key,
    version: entry?.version ?? null,
  })

  /** Made by the first, used by the second. */
  async function use(nth: string): Promise<void> {
    const key = ['code', nth]
    const entry = await store.read(key)
    if (entry?.value.startsWith('used')) return
    await store.commit([checkOf(key, entry)], [put(key, entry ? 'used' : 'made')])
  }

  /** Holds if the request, its mark and the epoch still stand; writes the request and what it gives, and tells a journal. */
  async function decide(nth: string, endsEpoch: boolean): Promise<void> {
    const [request, mark, epoch] = [['request', nth], ['mark', nth], ['epoch']]
    const found = await Promise.all([request, mark, epoch].map((key) => store.read(key)))
    // what was given with it is there as soon as it is decided
    if (found[0]?.value.startsWith('decided')) return void (await store.read(['session', nth]))
    const checks = [request, mark, epoch].map((key, at) => checkOf(key, found[at]!))
    await store.commit(checks, [
      put(request, found[0] ? 'decided' : 'asked'),
      put(['session', nth], 'given'),
      { append: JOURNAL, value: value('told'), purgeAt: null },
      ...(endsEpoch ? [put(epoch, 'turned')] : []),
    ])
  }

  async function work(worker: number): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      const nth = String(Math.floor(round / 2))
      const goes = [
        () => use(nth),
        () => decide(nth, (round + worker) % 16 === 0),
        () => store.commit([], [{ append: JOURNAL, value: value('said'), purgeAt: null }]),
        () => store.increment(['counter', String(worker % 3)], 1 + (round % 2), 0),
      ]
      for (const go of goes) await go().catch(() => {})
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
}
