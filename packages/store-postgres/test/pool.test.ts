import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { Pool } from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { openPool, openStore, schemaOfTest } from './kit/open.ts'
import { openRelay } from './kit/relays.ts'
import { put } from './kit/writes.ts'

/** A message of the protocol of Postgres: its letter, its length, its body. */
function message(letter: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(letter)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

it('SEC-12 a line that the server ends in the very moment in which it opens does not end the process', async () => {
  const ends: Socket[] = []
  const server = createServer((end) => {
    ends.push(end)
    end.on('error', () => {})
    end.once('data', () =>
      end.end(
        Buffer.concat([
          message('R', Buffer.alloc(4)),
          message('Z', Buffer.from('I')),
          message('E', Buffer.from('SFATAL\0VFATAL\0C57P01\0Mending\0\0')),
        ]),
      ),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const pool = new Pool({ host: '127.0.0.1', port, user: 'x', database: 'x' })
  const store = postgresStore(pool, { timeoutMs: 2_000 })
  for (let round = 0; round < 3; round++)
    await expect(store.read(['a'])).rejects.toThrow(/ending|terminat|queryable|ECONN|EPIPE/i)
  expect(ends.length).toBeGreaterThan(2)
  await store.close()
  await pool.end()
  server.close()
})

it('a pool that many stores share gets one listener for all of them', async () => {
  const warned: Error[] = []
  const warn = (warning: Error): void => void warned.push(warning)
  process.on('warning', warn)
  onTestFinished(() => void process.off('warning', warn))
  const pool = await openPool()
  const before = pool.listenerCount('error')
  const stores = await Promise.all(Array.from({ length: 30 }, () => openStore({ client: pool })))
  await Promise.all(stores.map((store) => store.commit([], [put(['a'])])))
  expect(pool.listenerCount('error')).toBe(before + 1)
  const client = await pool.connect()
  expect(client.listenerCount('error')).toBe(1)
  client.release()
  await new Promise((resolve) => setImmediate(resolve))
  expect(warned).toEqual([])
})

it('lines that the server ends while nobody uses them end neither the process nor the next calls', async () => {
  const name = `${await schemaOfTest()}_idle`
  const pool = await openPool({ application_name: name, max: 4 })
  const store = await openStore({ client: pool, listen: false })
  await Promise.all([
    store.read(['a']),
    store.commit([], [put(['late'])]),
    store.list([], { limit: 5 }),
  ])
  expect(pool.idleCount).toBeGreaterThan(1)
  const admin = await openPool({ max: 1 })
  const endAll =
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1'
  for (let round = 0; round < 3; round++) {
    // what was written is told to others a moment later, over another line
    await expect
      .poll(async () => {
        await admin.query(endAll, [name])
        return pool.totalCount
      })
      .toBe(0)
    expect(await store.read(['late'])).not.toBeNull()
    expect(await store.commit([], [put(['late'])])).toBe(true)
    await Promise.all([
      store.read(['a']),
      store.commit([], [put(['late'])]),
      store.list([], { limit: 5 }),
    ])
  }
})

it('SEC-04 a read whose line breaks is asked once more, a commit is not: nobody knows what came of it', async () => {
  const relay = await openRelay()
  const store = await openStore({
    client: await openPool({ connectionString: relay.url }),
    listen: false,
  })
  await store.commit([], [put(['a'])])
  relay.endOn('lost-on-the-way')
  expect(await store.read(['lost-on-the-way'])).toBeNull()
  relay.endOn('untold')
  await expect(store.commit([], [put(['b'], 'untold')])).rejects.toThrow(/ECONNRESET|terminat/i)
  expect(await store.list([], { limit: 5 })).toHaveLength(1)
})
