import { describe, expect, test } from 'vitest'
import { checkResources } from '../../src/resource-options.ts'
import { maySend, readMessageClass, type Frame } from '../../src/resource/message-class.ts'
import type { SessionNeed } from '../../src/pair.ts'
import { createDeviceKey } from '../kit/device.ts'
import {
  openLine,
  pairWith,
  presented,
  SCREENS,
  sealedTicket,
  startScreens,
  tokenOf,
  viewOf,
  WALL,
  type Line,
} from '../kit/screens.ts'
import type { Server } from '../kit/server.ts'
import { helloFrame } from '../kit/visitor.ts'

const typed = (type: unknown): string => JSON.stringify({ type, x: 1 })
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Frames that nobody can name, whatever is declared. */
const NAMELESS: Frame[] = [
  '',
  'pointer',
  '"pointer"',
  'null',
  '7',
  '[]',
  '["pointer"]',
  '[{"type":"pointer"}]',
  '{}',
  '{"Type":"pointer"}',
  '{"type":null}',
  '{"type":["pointer"]}',
  '{"type":{"type":"pointer"}}',
  '{"data":{"type":"pointer"}}',
  '{"type":"pointer"',
  '{"type":"pointer"}{"type":"pointer"}',
  '\ufeff{"type":"pointer"}',
  '{"type":"view","type":"pointer"}',
  '{"type":"pointer","\\u0074ype":"view"}',
  '{"__proto__":{"type":"pointer"}}',
  '{"constructor":{"type":"pointer"},"type":"pointer"}',
  '{"type":"pointer","x":1e999}',
  `{"type":"pointer","x":${'['.repeat(40)}${']'.repeat(40)}}`,
  `{"type":"pointer","x":"${'x'.repeat(65_536)}"}`,
  utf8('{"type":"pointer"}'),
  utf8('{"type":"pointer"}').buffer as ArrayBuffer,
]

/** Names that are there in every object, or look like one that is declared. */
const STRANGE = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  ' ',
  'Pointer',
  'pointer ',
  'pointer\0',
  'view',
  'hello',
  'unknown',
]

describe('RES-03 the class of a message', () => {
  test('RES-03 is the type of the one JSON object that a frame is', () => {
    for (const type of ['pointer', 'key', '', 'a b'])
      expect(readMessageClass(typed(type))).toBe(type)
    expect(readMessageClass(' {"x": 1, "type": "key"}\n')).toBe('key')
    const longest = `{"type":"key","x":"${'x'.repeat(65_536 - 21)}"}`
    expect([longest.length, readMessageClass(longest)]).toEqual([65_536, 'key'])
  })

  test('RES-03 of a frame that can be read in two ways, or not at all, there is none', () => {
    for (const frame of NAMELESS) expect(readMessageClass(frame), JSON.stringify(frame)).toBeNull()
  })

  test('RES-03 it is never inherited, whatever a library did to all objects', () => {
    Object.defineProperty(Object.prototype, 'type', { value: 'pointer', configurable: true })
    try {
      expect(readMessageClass('{"x":1}')).toBeNull()
    } finally {
      delete (Object.prototype as { type?: unknown }).type
    }
  })

  test('RES-03 a mode sends what it and the weaker ones declare, and nothing else', () => {
    const kinds = checkResources(SCREENS, [])
    const classes = ['pointer', 'key', 'paste', ...STRANGE]
    const sent = (mode: string, name = WALL): (string | null)[] =>
      [...classes, null].filter((one) => maySend(kinds, { name, mode }, one))
    expect(sent('view')).toEqual([])
    expect(sent('point')).toEqual(['pointer'])
    expect(sent('control')).toEqual(['pointer', 'key', 'paste'])
    for (const [name, mode] of [
      ['camera:1', 'view'],
      ['desk:1', 'view'],
      [WALL, 'drive'],
      ['constructor', 'view'],
    ])
      expect(sent(mode!, name), name).toEqual([])
  })
})

async function lineOf(
  server: Server,
  mode: string,
  more: Partial<SessionNeed<never>> = {},
): Promise<Line> {
  const visitor = await pairWith(server, ['screen:control'], { transport: 'bearer' })
  const headers = await presented(server, visitor, await tokenOf(visitor, WALL, mode))
  return openLine(server, headers, { ...viewOf(WALL), ...more })
}

const received = (line: Line, frames: Frame[]): Promise<boolean[]> =>
  Promise.all(frames.map((frame) => line.receive(frame)))

describe('RES-03 a socket of a resource', () => {
  test('RES-03 lets in what the mode of its token may send; all else is dropped, and it stays open', async () => {
    const server = startScreens()
    const table: [string, boolean[]][] = [
      ['view', [false, false, false]],
      ['point', [true, false, false]],
      ['control', [true, true, true]],
    ]
    for (const [mode, expected] of table) {
      const line = await lineOf(server, mode)
      expect(line.readies()).toBe(1)
      const named = ['pointer', 'key', 'paste'].map(typed)
      expect(await received(line, named), mode).toEqual(expected)
      const dropped = [...STRANGE.map(typed), ...NAMELESS]
      expect(new Set(await received(line, dropped)), mode).toEqual(new Set([false]))
      expect(await received(line, named), mode).toEqual(expected)
      expect([line.closes, line.guard.auth.resource]).toEqual([[], { name: WALL, mode }])
    }
  })

  test('RES-03 of a kind without messages takes nothing in', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['camera:view'], { transport: 'bearer' })
    const headers = await presented(server, visitor, await tokenOf(visitor, 'camera:1', 'view'))
    const line = await openLine(server, headers, viewOf('camera:1'))
    expect(await received(line, ['pointer', 'view'].map(typed))).toEqual([false, false])
  })

  test('RES-03 a socket that needs no resource takes all in, as before', async () => {
    const server = startScreens()
    const visitor = await pairWith(server, ['notes:read'], { transport: 'bearer' })
    const headers = { authorization: `Bearer ${visitor.accessToken}` }
    const line = await openLine(server, headers, {})
    expect(await received(line, NAMELESS)).toEqual(NAMELESS.map(() => true))
  })

  test('RES-03 behind a hello the same holds, also for frames that wait for it', async () => {
    const server = startScreens()
    const key = await createDeviceKey()
    const visitor = await pairWith(server, ['screen:control'], { key })
    const ticket = await sealedTicket(visitor, WALL, 'point')
    const line = await openLine(server, {}, viewOf(WALL), `?ticket=${ticket}`)
    const hello = await helloFrame(server, key, ticket)
    const frames = [hello, typed('pointer'), typed('key'), 'x', typed('pointer')]
    expect(await received(line, frames)).toEqual([false, true, false, false, true])
    expect(await received(line, [hello, typed('key')])).toEqual([false, false])
    expect(line.closes).toEqual([])
  })

  test('RES-03 the app may name classes itself, of binary frames too; what it can’t name is dropped', async () => {
    const server = startScreens()
    const asked: Frame[] = []
    const answers: Record<string, unknown> = {
      1: 'pointer',
      2: 'key',
      3: null,
      4: undefined,
      5: ['pointer'],
      6: Promise.resolve('pointer'),
      7: '__proto__',
      8: true,
    }
    const classify = (frame: Frame): string | null => {
      asked.push(frame)
      const [first] = new Uint8Array(frame as Uint8Array)
      if (first === 9) throw new Error('of the app')
      return answers[first!] as string | null
    }
    const line = await lineOf(server, 'point', { classify })
    const frames = Array.from({ length: 9 }, (_, n) => Uint8Array.of(n + 1))
    expect(await received(line, frames)).toEqual([true, ...Array.from({ length: 8 }, () => false)])
    expect([asked, line.closes]).toEqual([frames, []])
  })

  test('RES-03 the operator hears of what was dropped once a minute, and not what it was', async () => {
    const server = startScreens()
    const line = await lineOf(server, 'view')
    const told = (): unknown[] =>
      server.refusals
        .filter(({ path }) => path === '/live')
        .map(({ code, reason }) => [code, reason])
    const secret = typed('a-secret')
    for (let n = 0; n < 50; n++) await line.receive(secret)
    const [first] = told()
    expect(told()).toHaveLength(1)
    expect(first).toEqual([
      'insufficient_scope',
      `1 sent to ${WALL} in the mode view, which may not send such`,
    ])
    server.clock.advance(59_999)
    await line.receive(secret)
    expect(told()).toHaveLength(1)
    server.clock.advance(1)
    await line.receive(secret)
    expect(told()[1]).toEqual([
      'insufficient_scope',
      `51 sent to ${WALL} in the mode view, which may not send such`,
    ])
    expect(JSON.stringify(server.refusals)).not.toContain('a-secret')
  })
})
