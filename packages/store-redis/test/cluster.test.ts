import { describe, expect, it, onTestFinished } from 'vitest'
import { openIoredisCluster, openNodeRedisCluster } from './kit/clients.ts'
import { newCluster, type OwnCluster } from './kit/cluster.ts'
import { becomes, listen } from './kit/ears.ts'
import { openStore } from './kit/open.ts'
import type { OwnServer } from './kit/own-server.ts'
import { append, put, T0 } from './kit/writes.ts'

const drivers = { ioredis: openIoredisCluster, 'node-redis': openNodeRedisCluster }
/** CRC16 of "pair": where the records are. */
const RECORDS_SLOT = 329

async function openCluster(replicas = 0): Promise<OwnCluster> {
  const cluster = await newCluster({ 'cluster-require-full-coverage': 'no' }, { replicas })
  onTestFinished(() => cluster.remove())
  return cluster
}

describe.each(Object.entries(drivers))('%s', (_, open) => {
  it('STO-07 records, their index and streams of a store are in one slot, counters in many', async () => {
    const cluster = await openCluster()
    const store = await openStore(cluster.url, { open })
    for (let n = 0; n < 60; n++) {
      await store.commit([], [put(['k', `{${n}}`]), append(['s', String(n)])])
      await store.increment(['limit', `{${n}}`], 1, T0)
    }
    const own = cluster.nodeOf(RECORDS_SLOT)
    for (const node of cluster.nodes) {
      const names = await node.ask('KEYS', '*')
      expect(names.includes('{pair}:record:')).toBe(node === own)
      expect(names).toContain('pair:counter:')
    }
  }, 30_000)

  it('STO-07 goes after its records to the server to which their slot moves, also when it waits for replicas', async () => {
    const cluster = await openCluster(3)
    const durability = { waitReplicas: 1, timeoutMs: 2_000 }
    const store = await openStore(cluster.url, { open, durability })
    const plain = await openStore(cluster.url, { open })
    const total = { plain: 0, durable: 0 }
    const write = async (round: string): Promise<void> => {
      expect(await store.commit([], [put(['durable', round]), append(['s'], round)])).toBe(true)
      expect(await plain.commit([], [put(['plain', round])])).toBe(true)
      expect(await store.increment(['c'], 1, T0)).toBe(++total.durable)
      expect(await plain.increment(['d'], 1, T0)).toBe(++total.plain)
    }
    await write('0')
    for (const [round, to] of [1, 0, 1].entries()) {
      await cluster.moveSlot(RECORDS_SLOT, cluster.nodes[to]!)
      await write(String(round + 1))
    }
    expect((await store.list(['durable'], { limit: 9 })).length).toBe(4)
    expect((await store.tail(['s'], null, 9)).items.length).toBe(4)
  }, 60_000)

  it('SEC-19 a watch goes on by another node when the one it listens on dies', async () => {
    const cluster = await openCluster()
    const store = await openStore(cluster.url, { open })
    const other = await openStore(cluster.url, { open })
    const ear = listen(store)
    await becomes(ear, true)
    const countOn = async (node: OwnServer): Promise<number> =>
      (await node.ask('CLIENT', 'LIST', 'TYPE', 'pubsub').catch(() => '')).split('id=').length - 1
    const counts = await Promise.all(cluster.nodes.map(countOn))
    expect(counts.reduce((sum, count) => sum + count)).toBe(1)
    const records = cluster.nodeOf(RECORDS_SLOT)
    const heard = cluster.nodes[counts.indexOf(1)]!
    if (heard === records) await heard.ask('CLIENT', 'KILL', 'TYPE', 'pubsub')
    else await heard.kill()
    await expect.poll(() => ear.lives, { timeout: 1_000, interval: 2 }).toContain(false)
    await becomes(ear, true)
    await other.commit([], [put(['after'])])
    await expect.poll(() => ear.heard).toContain('after')
  }, 60_000)
})
