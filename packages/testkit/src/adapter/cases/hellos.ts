import { deepStrictEqual } from 'node:assert/strict'
import type { AdapterCase, Start } from '../adapter-case.ts'
import { json } from '../expected.ts'
import type { Site } from '../site.ts'
import type { Visitor } from '../visitor.ts'

/** A ticket of a device with a key: the way in, and the frame that proves it. */
async function ticketOf(site: Site, visitor: Visitor): Promise<{ path: string; hello: string }> {
  const ticket = await site.ticket(visitor, 'socket')
  const proof = await visitor.prove('GET', '/live', { over: ticket })
  return { path: `/live?ticket=${ticket}`, hello: JSON.stringify({ type: 'hello', proof }) }
}

const badHellos = [
  '{"type":"hello","proof":"a.b.c"}',
  '{"type":"hello"}',
  '{"type":"hello","type":"hello","proof":"a.b.c"}',
  'hello',
  '[]',
  '{',
  '',
  'x'.repeat(20_000),
  new Uint8Array(5),
]

/** Sockets of devices with a key, which prove it in their first frame. */
export const helloCases: readonly AdapterCase[] = [
  ...(['cookie', 'dpop'] as const).map((transport) => ({
    name: `WS-02 a socket by the ticket of a ${transport} device with a key reaches the app behind its proven hello, with the frames right behind it`,
    async holds(start: Start) {
      const site = await start()
      const { path, hello } = await ticketOf(site, await site.join({ transport, keyed: true }))
      const talk = await site.talk(path)
      await site.ask({ path: '/auth/health' }, json(200, { status: 'ok' }))
      deepStrictEqual(site.reached, [])
      const frames = Array.from({ length: 30 }, (_, n) => `frame ${n}`)
      for (const frame of [hello, ...frames]) talk.say(frame)
      deepStrictEqual(await talk.heard(), 'hello A device')
      for (const frame of frames) deepStrictEqual((await talk.heard()).split(': ')[1], frame)
      deepStrictEqual(site.reached, ['socket', ...frames])
    },
  })),
  {
    name: 'WS-02 a first frame that is no hello closes the socket with 4001, and the app never hears of it',
    async holds(start) {
      const site = await start()
      const owner = await site.join({ keyed: true })
      for (const frame of badHellos) {
        const talk = await site.talk((await ticketOf(site, owner)).path)
        talk.say(frame)
        talk.say('behind it')
        deepStrictEqual(await talk.closed, 4001)
      }
      await site.ask({ path: '/auth/health' }, json(200, { status: 'ok' }))
      deepStrictEqual(site.reached, [])
    },
  },
  {
    name: 'WS-02 a hello of another device, of another socket, or that was used closes the socket with 4001',
    async holds(start) {
      const site = await start()
      const [owner, thief] = [await site.join({ keyed: true }), await site.join({ keyed: true })]
      const [mine, its, again] = [
        await ticketOf(site, owner),
        await ticketOf(site, thief),
        await ticketOf(site, thief),
      ]
      const first = await site.talk(mine.path)
      first.say(its.hello)
      deepStrictEqual(await first.closed, 4001)
      const second = await site.talk(its.path)
      second.say(its.hello)
      deepStrictEqual(await second.heard(), 'hello A device')
      const third = await site.talk(again.path)
      third.say(its.hello)
      deepStrictEqual(await third.closed, 4001)
      deepStrictEqual(site.reached, ['socket'])
    },
  },
]
