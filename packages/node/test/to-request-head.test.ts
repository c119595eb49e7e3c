import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { toRequest, toRequestHead } from '../src/index.ts'
import { serve } from './serving.ts'

/** All that a guard asks for. */
const READ = [
  'authorization',
  'cookie',
  'dpop',
  'forwarded',
  'host',
  'origin',
  'sec-fetch-site',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
]

/** What a guard sees of it, as a head and as a whole request. */
function both(incoming: IncomingMessage, target = incoming.url): [unknown, unknown] {
  return [toRequestHead(incoming, { target }), toRequest(incoming, { target })].map(
    (request) =>
      request && {
        method: request.method,
        url: new URL(request.url).href,
        lines: READ.map((name) => [request.headers.get(name), request.headers.has(name)]),
      },
  ) as [unknown, unknown]
}

/** A request that no parser has looked at. */
function handMade(fields: Partial<IncomingMessage>): IncomingMessage {
  const incoming = new IncomingMessage(new Socket())
  return Object.assign(incoming, { method: 'GET', url: '/a', ...fields })
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY']
const TARGETS = ['/', '/a/../b?c=%20d#e', '//evil.example/a', '/\\evil.example', '*', 'http://x/a']
const NAMES = [...READ, 'Authorization', 'COOKIE', 'DPoP', 'accept', 'x-real-ipx', 'upgrade']
const VALUES = [
  'a',
  'Bearer a',
  'Bearer b',
  ' padded \t',
  'c=1',
  'é',
  '',
  ',',
  'localhost',
  '[::1]:1',
]

describe('toRequestHead', () => {
  test('SEC-10 tells of 600 requests off a socket what `toRequest` tells, each line of a name told twice', async () => {
    const told: [unknown, unknown][] = []
    const { dial, host } = await serve((incoming, outgoing) => {
      told.push(both(incoming))
      outgoing.end()
    })
    let seed = 7
    const draw = <T>(list: readonly T[]): T => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return list[(seed >> 8) % list.length]!
    }
    for (let round = 0; round < 600; round++) {
      const lines = [
        `${draw(METHODS)} ${draw(TARGETS)} HTTP/1.1`,
        `Host: ${draw([host, host, 'localhost', '256.1.1.1', 'a@b', 'LOCALHOST:80', '[::1]'])}`,
        ...Array.from({ length: round % 7 }, () => `${draw(NAMES)}: ${draw(VALUES)}`),
        'Connection: close',
      ]
      await dial(`${lines.join('\r\n')}\r\n\r\n`).closed()
    }
    expect(told.length).toBeGreaterThan(400)
    for (const [head, whole] of told) expect(head).toEqual(whole)
    expect(told.some(([head]) => head === null)).toBe(true)
  }, 30_000)

  test.each<[string, Partial<IncomingMessage>]>([
    ['headers alone are filled', { headers: { host: 'localhost', cookie: 'c=1' } }],
    ['the method was overridden in lower case', { method: 'delete', headers: { host: 'a' } }],
    ['the method is none', { method: 'a b', rawHeaders: ['Host', 'a'], headers: { host: 'a' } }],
    ['the method is forbidden', { method: 'TRACK', headers: { host: 'a' } }],
    ['there is no target', { url: '', rawHeaders: ['Host', 'a'], headers: { host: 'a' } }],
    ['the host is no host', { rawHeaders: ['Host', '1.2.3.999'], headers: { host: '1.2.3.999' } }],
    ['the host is told twice', { rawHeaders: ['Host', 'a', 'host', 'b'], headers: { host: 'a' } }],
  ])('is as good where %s', (_, fields) => {
    const [head, whole] = both(handMade(fields))
    expect(head).toEqual(whole)
  })

  test('takes the target that a framework has kept', () => {
    const incoming = handMade({ rawHeaders: ['Host', 'a'], headers: { host: 'a' } })
    expect(toRequestHead(incoming, { target: '/whole/path' })!.url).toBe('http://a/whole/path')
  })
})
