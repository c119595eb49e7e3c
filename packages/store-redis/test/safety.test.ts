import { describe, expect, it } from 'vitest'
import { openEval, openIoredis, openIoredisCluster, openNodeRedis } from './kit/clients.ts'
import { newCluster } from './kit/cluster.ts'
import { openServer, openStore } from './kit/open.ts'
import { newServer } from './kit/own-server.ts'

const drivers = { ioredis: openIoredis, 'node-redis': openNodeRedis, eval: openEval }

/** What is said about a server, by a store that is asked twice. */
async function warningsOf(
  url: string,
  open: (typeof drivers)[keyof typeof drivers] = openIoredis,
): Promise<string[]> {
  const said: string[] = []
  const store = await openStore(url, {
    open,
    unsafe: 'warn',
    logger: { warn: (message) => void said.push(message) },
  })
  await Promise.all([store.read(['a']), store.read(['b'])])
  await store.read(['a'])
  return said
}

describe.each(Object.entries(drivers))('%s', (_, open) => {
  it('STO-07 a server that evicts keys, or keeps nothing, is told of once, with what mends it', async () => {
    const server = await openServer({ maxmemory: '100mb', 'maxmemory-policy': 'volatile-lru' })
    const said = await warningsOf(server.url, open)
    expect(said).toEqual([
      expect.stringMatching(/evicts keys.*volatile-lru.*maxmemory-policy noeviction/),
      expect.stringMatching(/no append-only file and no replica.*appendonly yes/),
    ])
  })

  it('STO-07 a server that keeps what it acknowledged is not told of', async () => {
    const server = await openServer({ appendonly: 'yes', maxmemory: '100mb' })
    expect(await warningsOf(server.url, open)).toEqual([])
  })

  it('STO-07 it is refused with every call where that is asked for, until it is mended', async () => {
    const server = await openServer({
      maxmemory: '100mb',
      'maxmemory-policy': 'allkeys-random',
      appendonly: 'yes',
    })
    const store = await openStore(server.url, { open, unsafe: 'refuse' })
    for (let round = 0; round < 2; round++)
      await expect(store.read(['a'])).rejects.toMatchObject({
        code: 'config_invalid',
        message: expect.stringMatching(/allkeys-random/),
        hint: expect.stringMatching(/unsafe: 'allow'/),
      })
    await server.ask('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    expect(await store.read(['a'])).toBeNull()
  })
})

it('STO-07 a replica stands for the disk; an append-only file that is never synced does not', async () => {
  const server = await openServer()
  const replica = await newServer({ replicaof: `127.0.0.1 ${server.port}` })
  await replica.start()
  await expect
    .poll(() => server.ask('INFO', 'replication'), { timeout: 10_000 })
    .toContain('connected_slaves:1')
  expect(await warningsOf(server.url)).toEqual([])
  await replica.remove()
  await server.ask('CONFIG', 'SET', 'appendonly', 'yes')
  await server.ask('CONFIG', 'SET', 'appendfsync', 'no')
  await expect.poll(() => warningsOf(server.url)).toEqual([expect.stringMatching(/power cut/)])
}, 30_000)

it('STO-07 a server that does not say is not blamed, and one that is known is left in peace', async () => {
  const server = await openServer({ maxmemory: '100mb', 'maxmemory-policy': 'volatile-lru' })
  await server.ask('ACL', 'SETUSER', 'app', 'on', '>pw', '~*', '&*', '+@all', '-config', '-info')
  const url = `redis://app:pw@127.0.0.1:${server.port}`
  for (const open of Object.values(drivers)) expect(await warningsOf(url, open)).toEqual([])
  const said: string[] = []
  const logger = { warn: (message: string) => void said.push(message) }
  await (await openStore(server.url, { unsafe: 'allow', logger })).read(['a'])
  expect(said).toEqual([])
})

it('STO-07 of a cluster each server is looked at: counters are on all of them', async () => {
  const cluster = await newCluster({ appendonly: 'yes', maxmemory: '100mb' })
  try {
    expect(await warningsOf(cluster.url, openIoredisCluster)).toEqual([])
    for (const node of cluster.nodes) {
      await node.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu')
      expect(await warningsOf(cluster.url, openIoredisCluster)).toEqual([
        expect.stringMatching(/allkeys-lfu/),
      ])
      await node.ask('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    }
  } finally {
    await cluster.remove()
  }
}, 30_000)
