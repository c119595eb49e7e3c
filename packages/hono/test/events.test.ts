import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { memoryStore } from '@pair/core'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { readEvents, type EventReader } from '../../core/test/kit/events.ts'
import { startHome, type Home, type Keyed } from './kit/home.ts'

async function open(home: Home, device: Keyed): Promise<EventReader & { abort(): void }> {
  const abort = new AbortController()
  const response = await fetch(`${home.origin}/auth/access/events`, {
    headers: await device.headers('GET', '/auth/access/events'),
    signal: abort.signal,
  })
  expect(response.status).toBe(200)
  const reader = readEvents(response)
  onTestFinished(() => abort.abort())
  return { ...reader, abort: () => abort.abort() }
}

/** The same over a bare connection, which reads nothing until it is told to. */
async function openRaw(home: Home, device: Keyed): Promise<{ socket: Socket; text(): string }> {
  const { cookie = '', dpop = '' } = await device.headers('GET', '/auth/access/events')
  const socket = connect(Number(home.host.split(':')[1]), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.on('data', (chunk) => (text += chunk.toString()))
  socket.write(
    `GET /auth/access/events HTTP/1.1\r\nHost: ${home.host}\r\nCookie: ${cookie}\r\nDPoP: ${dpop}\r\n\r\n`,
  )
  await vi.waitFor(() => expect(text).toContain(': open'))
  return { socket, text: () => text }
}

const labelsIn = (text: string): string[] =>
  [...text.matchAll(/"label":"(n\d+)/g)].map(([, label]) => label!)

describe('EVT-01 the stream over the network (hono)', () => {
  test('of 10,000 changes loses none for a reader that stopped reading, and they pile up nowhere', async () => {
    const home = await startHome()
    const owner = await home.owner()
    const answers: ServerResponse[] = []
    home.server.on('request', (_, answer: ServerResponse) => void answers.push(answer))
    const { socket, text } = await openRaw(home, owner)
    socket.pause()
    const long = '\u{1F600}'.repeat(70)
    for (let n = 0; n < 10_000; n++) {
      await home.pair.devices.rename(owner.deviceId, `n${n} ${long}`)
      // the network is given its turns too
      if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    const [answer] = answers
    expect(answer!.writableLength).toBeLessThan(500_000)
    socket.resume()
    await vi.waitFor(() => expect(labelsIn(text().slice(-2_000)).at(-1)).toBe('n9999'), 20_000)
    expect(labelsIn(text())).toEqual(Array.from({ length: 10_000 }, (_, n) => `n${n}`))
  }, 60_000)

  test('of a reader that goes away, however it goes, leaves nothing behind', async () => {
    const real = memoryStore()
    let calls = 0
    const counted =
      <A extends unknown[], R>(call: (...args: A) => R) =>
      (...args: A): R => (calls++, call(...args))
    const home = await startHome(undefined, {
      store: { ...real, read: counted(real.read), tail: counted(real.tail) },
    })
    const [owner, other] = [await home.owner(), await home.owner()]
    let renames = 0
    const cost = async (): Promise<number> => {
      calls = 0
      await home.pair.devices.rename(other.deviceId, `n${renames++}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
      return calls
    }
    const alone = await cost()
    const leave: (() => void)[] = []
    for (let n = 0; n < 5; n++) {
      const reader = await open(home, owner)
      await reader.next()
      leave.push(() => reader.abort())
      const { socket } = await openRaw(home, owner)
      leave.push(() => socket.resetAndDestroy())
      const sleeping = await openRaw(home, owner)
      sleeping.socket.pause()
      leave.push(() => void sleeping.socket.destroy())
      leave.push(() => undefined)
      await owner.call('/auth/access/events', { method: 'HEAD' })
    }
    expect(await cost()).toBeGreaterThan(alone)
    for (const go of leave) go()
    await vi.waitFor(async () => expect(await cost()).toBe(alone))
  })
})
