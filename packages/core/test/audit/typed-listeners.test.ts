import { expect, expectTypeOf, test, vi } from 'vitest'
import { EVENT_TYPES, type AuditEvent } from '../../src/audit/event.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createEdge, HERE } from '../kit/edge.ts'

test('EVT-02 a listener for one type hears that alone, of every instance, until it stops', async () => {
  const store = memoryStore()
  const [edge, other] = [createEdge({ store }), createEdge({ store })]
  const heard: AuditEvent[] = []
  const stop = edge.pair.on('code.revoked', (event) => {
    expectTypeOf(event.type).toEqualTypeOf<'code.revoked'>()
    heard.push(event)
  })
  const all: string[] = []
  edge.pair.on('change', ({ type }) => void all.push(type))
  for (const { pair } of [edge, other]) {
    const { code } = await pair.codes.issue({ origin: HERE })
    await pair.codes.revoke(code.id)
  }
  await vi.waitFor(() => expect(all).toHaveLength(4))
  await vi.waitFor(() => expect(heard).toHaveLength(2))
  expect(new Set(heard.map(({ type }) => type))).toEqual(new Set(['code.revoked']))
  stop()
  const { code } = await edge.pair.codes.issue({ origin: HERE })
  await edge.pair.codes.revoke(code.id)
  await vi.waitFor(() => expect(all).toHaveLength(6))
  expect(heard).toHaveLength(2)
})

test('EVT-02 a listener that throws, at once or later, is logged and takes nothing from anybody', async () => {
  const logged: string[] = []
  const edge = createEdge({
    logger: {
      debug() {},
      info() {},
      warn() {},
      error: (message, fields) => void logged.push(`${message}: ${String(fields?.['error'])}`),
    },
  })
  for (const event of ['code.issued', 'refused'] as const) {
    edge.pair.on(event, () => {
      throw new Error('at once')
    })
    edge.pair.on(event, (() => Promise.reject(new Error('later'))) as () => void)
  }
  const heard: string[] = []
  edge.pair.on('code.issued', ({ id }) => void heard.push(id))
  edge.pair.on('refused', ({ code }) => void heard.push(code))
  await edge.pair.codes.issue({ origin: HERE })
  expect((await edge.call('/auth/codes')).status).toBe(401)
  await vi.waitFor(() => expect(heard).toHaveLength(2))
  await vi.waitFor(() =>
    expect(logged.sort()).toEqual([
      'a listener for changes threw: Error: at once',
      'a listener for changes threw: Error: later',
      'a listener for refusals threw: Error: at once',
      'a listener for refusals threw: Error: later',
    ]),
  )
  expect(heard).toContain('session_required')
})

test('EVT-02 a listener that throws what has no text takes nothing from anybody', async () => {
  const logged: unknown[] = []
  const edge = createEdge({
    logger: {
      debug() {},
      info() {},
      warn() {},
      error: (_, fields) => void logged.push(fields?.['error']),
    },
  })
  const textless: unknown = Object.create(null)
  for (const event of ['code.issued', 'refused'] as const) {
    edge.pair.on(event, () => {
      throw textless
    })
    edge.pair.on(event, (async () => {
      throw textless
    }) as () => void)
  }
  for (let n = 0; n < 3; n++) await edge.pair.codes.issue({ origin: HERE })
  expect((await edge.call('/auth/codes')).status).toBe(401)
  await vi.waitFor(() =>
    expect(logged).toEqual(Array.from({ length: 8 }, () => 'something that has no text')),
  )
})

test('EVT-02 each type of the closed list can be listened for, and a name that is none is refused', () => {
  const edge = createEdge()
  for (const type of EVENT_TYPES) edge.pair.on(type, () => {})()
  for (const name of ['sesion.revoked', '', 'constructor'])
    expect(() => edge.pair.on(name as never, () => {})).toThrow('There is no event')
})
