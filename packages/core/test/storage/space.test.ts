import * as z from 'zod/mini'
import { describe, expect, it, test } from 'vitest'
import { faultyStore, type Fault } from '@pair/testkit/store'
import { PairError } from '../../src/errors.ts'
import type { Store } from '../../src/ports/store.ts'
import { createChangeFeed } from '../../src/storage/change-feed.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import type { RecordKind } from '../../src/storage/record-codec.ts'
import { createSpace, type Change, type Space } from '../../src/storage/space.ts'

const THING: RecordKind<{ n: number }> = { name: 'thing', schema: z.object({ n: z.number() }) }
const KEY = ['thing', 'a', 'record']
const NOW = 1_800_000_000_000

function spaceOn(store: Store): Space & { logged: string[] } {
  let attempts = 0
  const timers = { elapsed: () => performance.now(), after, hold: after }
  const logged: string[] = []
  const log = (message: string): void => void logged.push(message)
  const space = createSpace({
    store,
    namespace: 'x',
    feed: createChangeFeed({ store, namespace: 'x', stream: ['journal'], timers, deadlineMs: 40 }),
    clock: () => NOW,
    timers,
    logger: { debug: log, info: log, warn: log, error: log },
    newAttempt: () => `attempt-${++attempts}`,
    chance: () => 0,
    deadlineMs: 40,
  })
  return { ...space, logged }
}

function after(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}

/** Makes the thing, or moves it on from a version; tells the journal. */
function change(version: string | null, n: number): Change {
  return {
    checks: [{ key: KEY, version }],
    writes: [{ key: KEY, kind: 'thing', record: { n }, purgeAt: null }],
    journal: [{ stream: ['journal'], value: `n=${n}`, purgeAt: NOW + 1_000 }],
  }
}

const journalOf = async (space: Space): Promise<string[]> =>
  (await space.tail(['journal'], null, 100)).items.map(({ value }) => value)

describe.each<[string, 'absent' | 'present']>([
  ['a key that the commit makes', 'absent'],
  ['a key that the commit moves on', 'present'],
])('a commit on %s', (_, before) => {
  async function prepared(
    ...faults: Fault[]
  ): Promise<{ line: ReturnType<typeof faultyStore>; space: Space; version: string | null }> {
    const line = faultyStore(memoryStore())
    const space = spaceOn(line.store)
    if (before === 'present') await space.commit(change(null, 0))
    const { version } = await space.read(THING, KEY)
    line.plan('commit', faults)
    return { line, space, version }
  }
  const old = before === 'present' ? { n: 0 } : null
  const told = before === 'present' ? ['n=0'] : []

  test('CODE-05 that threw and was done is found by its attempt', async () => {
    const { space, version } = await prepared('error-after')
    expect(await space.commit(change(version, 1))).toBe(true)
    expect((await space.read(THING, KEY)).record).toEqual({ n: 1 })
    expect(await journalOf(space)).toEqual([...told, 'n=1'])
  })

  test('CODE-05 that threw and was not done is fenced off and told as lost', async () => {
    const { space, version } = await prepared('error-before')
    expect(await space.commit(change(version, 1))).toBe(false)
    const slot = await space.read(THING, KEY)
    expect(slot.record).toEqual(old)
    expect(slot.version).not.toBe(version)
    expect(await journalOf(space)).toEqual(told)
    expect(await space.commit(change(slot.version, 2))).toBe(true)
  })

  test('CODE-05 that hangs is fenced off at the deadline and can not land later', async () => {
    const { line, space, version } = await prepared('hang-before')
    expect(await space.commit(change(version, 1))).toBe(false)
    expect(await line.release()).toEqual([false])
    expect((await space.read(THING, KEY)).record).toEqual(old)
    expect(await journalOf(space)).toEqual(told)
  })

  test('CODE-05 that lands between the look and the fence is found', async () => {
    const { line, space, version } = await prepared('hang-before')
    const commit = line.store.commit
    let landed: unknown[] = []
    // the fence is the next commit: just before it reaches the store the late one lands
    line.store.commit = async (...args) => {
      if (landed.length === 0) landed = await line.release()
      return commit(...args)
    }
    expect(await space.commit(change(version, 1))).toBe(true)
    expect(landed).toEqual([true])
    expect((await space.read(THING, KEY)).record).toEqual({ n: 1 })
    expect(await journalOf(space)).toEqual([...told, 'n=1'])
  })

  test('CODE-05 whose fence is done and not heard of is told as unknown, and still can not land', async () => {
    const { line, space, version } = await prepared('hang-before', 'error-after')
    await expect(space.commit(change(version, 1))).rejects.toMatchObject({
      code: 'store_unavailable',
    })
    expect(await line.release()).toEqual([false])
    expect((await space.read(THING, KEY)).record).toEqual(old)
  })

  test('CODE-05 behind which the store goes down is told as unknown', async () => {
    for (const fault of ['error-before', 'error-after', 'hang-before'] as const) {
      const { line, space, version } = await prepared()
      line.plan('commit', fault, { thenDown: true })
      await expect(space.commit(change(version, 1))).rejects.toMatchObject({
        code: 'store_unavailable',
        status: 503,
      })
    }
  })

  test('CODE-05 that a rival overtook while it hung is told as lost, and the rival keeps what it did', async () => {
    const { line, space, version } = await prepared('hang-before')
    const hanging = space.commit(change(version, 1))
    expect(await space.commit(change(version, 2))).toBe(true)
    expect(await hanging).toBe(false)
    expect(await line.release()).toEqual([false])
    expect((await space.read(THING, KEY)).record).toEqual({ n: 2 })
    expect(await journalOf(space)).toEqual([...told, 'n=2'])
  })
})

describe('the space', () => {
  it('tells a commit that checks nothing it writes as unknown when it threw', async () => {
    const line = faultyStore(memoryStore())
    line.plan('commit', 'error-after')
    await expect(
      spaceOn(line.store).commit({ ...change(null, 1), checks: [] }),
    ).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  it('CODE-05 takes a store at its word that is certain that nothing was done: no look, no fence, and its error is the cause', async () => {
    const line = faultyStore(memoryStore())
    const refusal = new PairError('store_busy', { undone: true, reason: 'no turn came' })
    const commit = line.store.commit
    line.store.commit = () => Promise.reject(refusal)
    const space = spaceOn(line.store)
    await expect(space.commit(change(null, 1))).rejects.toMatchObject({
      code: 'store_unavailable',
      cause: refusal,
    })
    expect(line.calls('read')).toBe(0)
    line.store.commit = commit
    expect((await space.read(THING, KEY)).state).toBe('absent')
    expect(await space.commit(change(null, 1))).toBe(true)
  })

  it.each([undefined, false, 1, 'true'])(
    'CODE-05 fences a commit off whose error says `undone: %j`: nothing but `true` is certain',
    async (undone) => {
      const real = memoryStore()
      let isFirst = true
      const space = spaceOn({
        ...real,
        async commit(...given) {
          if (!isFirst) return real.commit(...given)
          isFirst = false
          throw new PairError('store_busy', { undone: undone as boolean })
        },
      })
      expect(await space.commit(change(null, 1))).toBe(false)
      expect((await space.read(THING, KEY)).state).toBe('tombstone')
    },
  )

  it('CODE-05 tells a commit as unknown whose fence was refused for certain', async () => {
    const line = faultyStore(memoryStore())
    const space = spaceOn(line.store)
    const commit = line.store.commit
    let count = 0
    line.store.commit = async (...given) => {
      count += 1
      if (count === 1) throw new Error('connection reset')
      if (count === 2) throw new PairError('store_busy', { undone: true })
      return commit(...given)
    }
    const refused = await space.commit(change(null, 1)).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'store_unavailable' })
    expect((await space.read(THING, KEY)).state).toBe('absent')
  })

  it('counts a fence as absent, and lets the key be made anew', async () => {
    const line = faultyStore(memoryStore())
    const space = spaceOn(line.store)
    line.plan('commit', 'error-before')
    await space.commit(change(null, 1))
    expect(await space.read(THING, KEY)).toMatchObject({ state: 'tombstone', record: null })
    expect(await space.commit(change(null, 1))).toBe(false)
  })

  it('does not rewrite a row that it can not read, and tells the outcome as unknown', async () => {
    const real = memoryStore()
    const line = faultyStore(real)
    const space = spaceOn(line.store)
    await real.commit([], [{ key: ['x', ...KEY], value: 'not JSON', purgeAt: null }])
    const { version, state, record } = await space.read(THING, KEY)
    expect([state, record]).toEqual(['corrupt', null])
    line.plan('commit', 'error-before')
    await expect(space.commit(change(version, 1))).rejects.toMatchObject({
      code: 'store_unavailable',
    })
    expect((await real.read(['x', ...KEY]))?.value).toBe('not JSON')
  })

  it('gives up on calls that hang or throw at once, and never says why to a stranger', async () => {
    const store: Store = {
      ...memoryStore(),
      read: () => new Promise(() => {}),
      list: () => {
        throw new Error('password=hunter2')
      },
    }
    const space = spaceOn(store)
    await expect(space.read(THING, KEY)).rejects.toMatchObject({ code: 'store_unavailable' })
    const error = await space.list(['thing'], { limit: 1 }).catch((thrown: Error) => thrown)
    expect(error).toMatchObject({
      code: 'store_unavailable',
      message: expect.not.stringContaining('hunter2'),
    })
  })
})
