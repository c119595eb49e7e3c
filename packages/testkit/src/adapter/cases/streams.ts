import { deepStrictEqual } from 'node:assert/strict'
import { memoryStore } from '@pair/core'
import type { AdapterCase } from '../adapter-case.ts'
import type { EventStream } from '../event-stream.ts'
import { json, problem } from '../expected.ts'
import type { Site } from '../site.ts'
import { toTold } from '../told.ts'
import type { Visitor } from '../visitor.ts'

const path = '/auth/access/events'
const greeting = { event: 'comment', data: '' }

/** The label that the next change tells. */
async function labelOf(stream: EventStream): Promise<[label: string, id: string]> {
  const change = await stream.next()
  deepStrictEqual(change?.event, 'change')
  return [JSON.parse(change.data).detail.label, change.id ?? '']
}

/** Opens the stream; it greets at once. */
async function follow(
  site: Site,
  visitor: Visitor,
  query = '',
  headers: Readonly<Record<string, string>> = {},
): Promise<EventStream> {
  const stream = await site.follow(path + query, {
    ...(await visitor.headers('GET', path)),
    ...headers,
  })
  const { status, headers: told } = toTold({ ...stream, text: '', body: undefined })
  deepStrictEqual(
    [status, told],
    [
      200,
      {
        'cache-control': 'no-store',
        'content-type': 'text/event-stream; charset=utf-8',
        'referrer-policy': 'no-referrer',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
      },
    ],
  )
  deepStrictEqual(await stream.next(), greeting)
  return stream
}

/** Server-sent events over the network. */
export const streamCases: readonly AdapterCase[] = [
  {
    name: 'EVT-01 a stream greets at once, goes on from the snapshot and resumes where it broke off',
    async holds(start) {
      const site = await start()
      const owner = await site.join({ keyed: true })
      const snapshot = await site.send({
        path: '/auth/access',
        headers: await owner.headers('GET', '/auth/access'),
      })
      await site.pair.devices.rename(owner.deviceId, 'one')
      const stream = await follow(site, owner, `?after=${snapshot.body?.cursor}`)
      const [one, id] = await labelOf(stream)
      await site.pair.devices.rename(owner.deviceId, 'two')
      const [two] = await labelOf(stream)
      const resumed = await follow(site, owner, '', { 'last-event-id': id })
      deepStrictEqual([one, two, (await labelOf(resumed))[0]], ['one', 'two', 'two'])
    },
  },
  {
    name: 'SES-12 a stream ends with its session, and says why',
    async holds(start) {
      const site = await start()
      const owner = await site.join({ keyed: true })
      const stream = await follow(site, owner)
      await site.pair.devices.revoke(owner.deviceId)
      const told = [await stream.next()]
      while (told.at(-1) !== null) told.push(await stream.next())
      deepStrictEqual(told.at(-2), { event: 'end', data: '{"code":"session_revoked"}' })
      await site.askAs(owner, { path }, problem(401, 'session_revoked'))
    },
  },
  {
    name: 'EVT-01 a stream ends when the server closes',
    async holds(start) {
      const site = await start()
      const stream = await follow(site, await site.join({ keyed: true }))
      await site.pair.close()
      deepStrictEqual(await stream.next(), null)
    },
  },
  {
    name: 'NET-01 a stream is refused to a stranger, to whom may not read it, and to a cookie without its proof',
    async holds(start) {
      const site = await start()
      const [owner, bearer] = [
        await site.join({ keyed: true }),
        await site.join({ transport: 'bearer' }),
      ]
      await site.ask({ path }, problem(401, 'session_required'))
      await site.askAs(bearer, { path }, problem(403, 'insufficient_scope'))
      await site.ask({ path, headers: owner.credential }, problem(401, 'proof_required'))
      const odd = { path: `${path}?after=%00` }
      await site.askAs(owner, odd, problem(400, 'invalid_request'))
    },
  },
  {
    name: 'EVT-01 a reader that goes away leaves nothing behind',
    async holds(start) {
      const real = memoryStore()
      let [reads, changes] = [0, 0]
      const tail: typeof real.tail = (...args) => (reads++, real.tail(...args))
      const site = await start({ options: { store: { ...real, tail } } })
      const owner = await site.join({ keyed: true })
      /** What one change costs. */
      const cost = async (): Promise<number> => {
        reads = 0
        await site.pair.devices.rename(owner.deviceId, `n${changes++}`)
        // by the time that this has come back, whoever follows has looked
        await site.ask({ path: '/auth/health' }, json(200, { status: 'ok' }))
        return reads
      }
      const alone = await cost()
      const streams: EventStream[] = []
      for (let n = 0; n < 5; n++) streams.push(await follow(site, owner))
      while ((await cost()) === alone);
      for (const stream of streams) stream.cut()
      while ((await cost()) !== alone);
    },
  },
]
