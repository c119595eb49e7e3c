import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openIoredis, openNodeRedis } from './kit/clients.ts'
import { openStore } from './kit/open.ts'
import type { OwnServer } from './kit/own-server.ts'
import { openReplicated } from './kit/replicated.ts'
import { append, put, T0 } from './kit/writes.ts'

const drivers = { ioredis: openIoredis, 'node-redis': openNodeRedis }
const durability = { waitReplicas: 1, timeoutMs: 1_000 }

const waitsOf = async (server: OwnServer): Promise<number> =>
  Number(/cmdstat_wait:calls=(\d+)/.exec(await server.ask('INFO', 'commandstats'))?.[1] ?? 0)

/** How many clients are held up by a `WAIT` at this moment. */
const waitingOf = async (server: OwnServer): Promise<number> =>
  Number(/blocked_clients:(\d+)/.exec(await server.ask('INFO', 'clients'))?.[1] ?? 0)

describe.each(Object.entries(drivers))('%s', (_, open) => {
  it('STO-07 what was acknowledged the replica has: promoted, it has no used code unused, and no total comes twice', async () => {
    const { primary, replica } = await openReplicated()
    const store = await openStore(primary.url, { open, durability, listen: false })
    await store.commit([], [put(['code'], 'unused')])
    const { version } = (await store.read(['code']))!
    expect(await store.commit([{ key: ['code'], version }], [put(['code'], 'used')])).toBe(true)
    expect(await store.increment(['c'], 1, T0)).toBe(1)
    await primary.kill()
    await replica.ask('REPLICAOF', 'NO', 'ONE')
    const promoted = await openStore(replica.url, { open, listen: false })
    expect(await promoted.read(['code'])).toMatchObject({ value: 'used' })
    expect(await promoted.commit([{ key: ['code'], version }], [put(['code'], 'twice')])).toBe(
      false,
    )
    expect(await promoted.increment(['c'], 1, T0)).toBe(2)
  }, 40_000)

  it('STO-07 where the replica does not answer in time nobody knows, and it is said so; what was written is not read before it has it, all else is', async () => {
    const { primary, replica } = await openReplicated()
    const store = await openStore(primary.url, { open, durability, listen: false })
    await store.commit([], [put(['a'], '0'), put(['other'], 'o')])
    await store.increment(['b'], 1, T0)
    const before = await waitsOf(primary)
    replica.freeze()
    const unknown = {
      code: 'store_unavailable',
      reason: '0 of 1 replicas had it within 1000 ms',
      hint: expect.stringMatching(/INFO replication/),
    }
    await expect(store.commit([], [put(['a'], '1')])).rejects.toMatchObject(unknown)
    await expect(store.increment(['c'], 1, T0)).rejects.toMatchObject(unknown)
    expect(await waitsOf(primary)).toBe(before + 2)
    // on the primary it is done: who looked there alone would answer what a failover takes back
    await expect(store.read(['a'])).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(await store.read(['other'])).toMatchObject({ value: 'o' })
    // what lost changed nothing
    expect(await store.commit([{ key: ['other'], version: 'x' }], [put(['other'])])).toBe(false)
    // what only looks waits for nobody
    expect(await store.increment(['c'], 0, T0)).toBe(1)
    expect(await store.commit([], [])).toBe(true)
    replica.thaw()
    await expect.poll(() => store.read(['a']).catch(() => null)).toMatchObject({ value: '1' })
    expect(await store.commit([], [put(['a'], '2')])).toBe(true)
    expect(await store.read(['a'])).toMatchObject({ value: '2' })
  }, 40_000)

  it('STO-07 the wait is sent with the commit: after SCRIPT FLUSH too, and for 40 at once', async () => {
    const { primary } = await openReplicated()
    const store = await openStore(primary.url, { open, durability, listen: false })
    await store.commit([], [put(['a'])])
    await primary.ask('SCRIPT', 'FLUSH')
    const writes = Array.from({ length: 40 }, (__, n) => store.commit([], [put(['k', String(n)])]))
    expect(new Set(await Promise.all(writes))).toEqual(new Set([true]))
    await primary.ask('CONFIG', 'RESETSTAT')
    const since = performance.now()
    expect(await store.commit([], [put(['b'])])).toBe(true)
    expect(performance.now() - since).toBeLessThan(durability.timeoutMs)
    expect(await waitsOf(primary)).toBe(1)
  }, 40_000)

  it('STO-07 while replicas are waited for reads go on, and what is written meanwhile goes together with one wait, each with its own verdict', async () => {
    const { primary, replica } = await openReplicated()
    const patient = { waitReplicas: 1, timeoutMs: 10_000 }
    const store = await openStore(primary.url, { open, durability: patient, listen: false })
    await store.commit([], [put(['a'], '0')])
    await store.increment(['c'], 1, T0)
    const { version } = (await store.read(['a']))!
    const before = await waitsOf(primary)
    replica.freeze()
    const first = store.commit([], [put(['b'])])
    await expect.poll(() => waitingOf(primary)).toBe(1)
    const others = [
      store.commit([{ key: ['a'], version }], [put(['a'], '1')]),
      store.commit([{ key: ['a'], version }], [put(['a'], '2')]),
      store.increment(['c'], 1, T0),
      ...Array.from({ length: 20 }, (__, n) => store.commit([], [put(['k', String(n)])])),
    ]
    for (let n = 0; n < 20; n++) expect(await store.read(['none', String(n)])).toBeNull()
    expect(await waitingOf(primary)).toBe(1)
    replica.thaw()
    expect(await first).toBe(true)
    const [one, other, total, ...rest] = await Promise.all(others)
    expect([one, other, total]).toEqual([true, false, 2])
    expect(new Set(rest)).toEqual(new Set([true]))
    expect(await waitsOf(primary)).toBe(before + 2)
  }, 40_000)

  it('STO-07 of those that share a wait one that the server refuses is refused alone', async () => {
    const { primary } = await openReplicated()
    const store = await openStore(primary.url, { open, durability, listen: false })
    await store.commit([], [put(['a'])])
    await primary.ask('SET', '{pair}:stream:s', 'text')
    const answers = await Promise.allSettled([
      store.commit([], [put(['b'])]),
      store.commit([], [append(['s'])]),
      store.commit([], [put(['c'])]),
    ])
    expect(answers).toMatchObject([
      { value: true },
      { reason: { code: 'config_invalid' } },
      { value: true },
    ])
    expect(await store.read(['b'])).toMatchObject({ value: 'x' })
  }, 40_000)

  it('STO-07 a commit that waited behind another one until its time was over is not sent', async () => {
    const { primary } = await openReplicated()
    const short = { waitReplicas: 1, timeoutMs: 300 }
    const store = await openStore(primary.url, {
      open,
      durability: short,
      listen: false,
      timeoutMs: 300,
    })
    await store.commit([], [put(['a'])])
    const lastsMs = async (key: string): Promise<number> => {
      const since = performance.now()
      await expect(store.commit([], [put([key])])).rejects.toMatchObject({
        code: 'store_unavailable',
      })
      return performance.now() - since
    }
    primary.freeze()
    const first = lastsMs('b')
    const second = setTimeout(100).then(() => lastsMs('late'))
    // its wait for its turn is part of its time
    expect((await second) / (await first)).toBeLessThan(1.5)
    primary.thaw()
    await expect.poll(() => store.commit([], [put(['c'])]).catch(() => false)).toBe(true)
    const looking = await openStore(primary.url, { open, listen: false })
    expect(await looking.read(['late'])).toBeNull()
  }, 40_000)
})
