import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createDeviceKey } from '../kit/device.ts'
import { readEvents, type EventReader, type Told } from '../kit/events.ts'
import { startServer, type Server } from '../kit/server.ts'
import { pairVisitor, type Visitor } from '../kit/visitor.ts'

async function openStream(server: Server, visitor: Visitor): Promise<EventReader> {
  const response = await server.pair.handler(
    await visitor.request('GET', '/auth/access/events', { proof: true }),
  )
  expect(response?.status).toBe(200)
  const reader = readEvents(response!)
  expect(await reader.next()).toMatchObject({ event: 'comment' })
  return reader
}

/** The last event, and whether the stream then ended. */
async function endOf(reader: EventReader): Promise<Told | null> {
  let last: Told | null = null
  for (let told = await reader.next(); told !== null; told = await reader.next())
    if (told.event !== 'comment') last = told
  return last
}

describe('SES-12', () => {
  const endings: [string, string, (server: Server, visitor: Visitor) => Promise<unknown>][] = [
    ['revoke', 'session_revoked', ({ pair }, visitor) => pair.sessions.revoke(visitor.session.id)],
    [
      'device revoke',
      'session_revoked',
      ({ pair }, visitor) => pair.devices.revoke(visitor.session.device.id),
    ],
    ['revoke-all', 'session_revoked', ({ pair }) => pair.sessions.revokeAll()],
    [
      're-pairing',
      'session_revoked',
      (server, visitor) => pairVisitor(server, { key: visitor.key }),
    ],
    [
      'narrowing below access:read',
      'insufficient_scope',
      ({ pair }, visitor) => pair.sessions.narrow(visitor.session.id, ['notes:read']),
    ],
  ]
  test.each(endings)(
    'SES-12 a %s ends the stream with %s, on the instance that decides and on another within a second',
    async (_, code, end) => {
      for (const watched of [true, false]) {
        const { watch, ...rest } = memoryStore()
        const store = watched ? { ...rest, watch: watch! } : rest
        const [decides, other] = [startServer({ store }), startServer({ store })]
        const visitor = await pairVisitor(decides, { key: await createDeviceKey() })
        const readers = [await openStream(decides, visitor), await openStream(other, visitor)]
        const ends = readers.map(endOf)
        await end(decides, visitor)
        const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), 1_000))
        for (const one of ends)
          expect(await Promise.race([one, late])).toMatchObject({
            event: 'end',
            data: JSON.stringify({ code }),
          })
        await Promise.all([decides.pair.close(), other.pair.close()])
      }
    },
  )

  test('SES-12 an expiry ends the stream with session_expired', async () => {
    const server = startServer({
      clock: Object.assign(() => Date.now(), { set() {}, advance() {} }),
    })
    const visitor = await pairVisitor(server, {
      key: await createDeviceKey(),
      code: { session: { slidingMs: 2_500 } },
    })
    expect(await endOf(await openStream(server, visitor))).toMatchObject({
      event: 'end',
      data: '{"code":"session_expired"}',
    })
    await server.pair.close()
  })

  test('SES-12 nothing that happens after the revoke reaches the stream of a reader who was slow', async () => {
    const server = startServer()
    const [visitor, other] = [
      await pairVisitor(server, { key: await createDeviceKey() }),
      await pairVisitor(server),
    ]
    const reader = await openStream(server, visitor)
    await server.pair.sessions.revoke(visitor.session.id)
    for (let n = 0; n < 5; n++)
      await server.pair.devices.rename(other.session.device.id, `secret ${n}`)
    const all: string[] = []
    for (let told = await reader.next(); told !== null; told = await reader.next())
      all.push(told.event + told.data)
    expect(all.join('\n')).not.toContain('secret')
    expect(all.at(-1)).toBe('end{"code":"session_revoked"}')
  })
})
