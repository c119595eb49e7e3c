import { describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/time.ts'
import { COUNTER_FAULTS, failingCounters } from '../kit/failing-counters.ts'
import { BY_DEFAULT, createHouse, HOME, type House } from '../kit/guessers.ts'
import type { Answer } from '../kit/newcomers.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import {
  everyExtension,
  EXTENSION_ROUTES,
  EXTENSION_STRANGERS,
  type StrangerRoute,
} from './stranger-routes.ts'

const MAX = { redeem: 8, preview: 15, change: 5, poll: 240 } as const

const open = (store = memoryStore()): House =>
  createHouse({ ...BY_DEFAULT, store, keyless: 'full', extensions: everyExtension() })

/** What a stranger sends there. */
function ask(house: House, { method, path, body, isForm }: StrangerRoute): Promise<Answer> {
  const form = new URLSearchParams(body as Record<string, string>).toString()
  return house.call(`/auth/${path}`, {
    method,
    ...(body === undefined ? {} : { body: isForm ? form : body }),
    ...(isForm && { headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    info: { remoteAddress: HOME },
  })
}

/** How a refusal in time is told there. */
const told = ({ status, body }: Answer): unknown[] => [status, body.code ?? body.error]
const over = ({ isForm }: StrangerRoute): unknown[] => [
  429,
  isForm ? 'temporarily_unavailable' : 'rate_limited',
]

test('LIM-03 every write that comes with an extension has a stranger here', () => {
  const asked = new Set(EXTENSION_STRANGERS.map(({ method, path }) => `${method} ${path}`))
  const id = 'ses_AAAAAAAAAAAAAAAAAAAAAA'
  const writes = EXTENSION_ROUTES.filter(({ method }) => method !== 'GET')
  const missing = writes.filter(
    ({ method, path }) => !asked.has(`${method} ${path.replace(':id', id)}`),
  )
  expect(missing).toEqual([])
  expect(writes.length).toBeGreaterThanOrEqual(9)
})

test.each(EXTENSION_STRANGERS)(
  'LIM-01 a stranger’s $method $path is $class: as many as that has in a minute, and not one more',
  async (route) => {
    const house = open()
    for (let number = 1; number <= MAX[route.class]; number++) {
      const { status, text } = await ask(house, route)
      expect(status, `${number}: ${text}`).not.toBe(429)
    }
    const refused = await ask(house, route)
    expect(told(refused)).toEqual(over(route))
    expect(refused.headers.get('retry-after')).toBe('60')
    house.clock.advance(MINUTE - 1)
    expect(told(await ask(house, route))).toEqual(over(route))
    house.clock.advance(1)
    expect((await ask(house, route)).status).not.toBe(429)
  },
)

describe.each(COUNTER_FAULTS)('where counting %s', (fault) => {
  test('LIM-05 every route of an extension that counts answers 503, never 429, and lets nobody pass', async () => {
    const failing = failingCounters(memoryStore())
    const house = open(failing.store)
    failing.fail(fault)
    const answers = await Promise.all(EXTENSION_STRANGERS.map((route) => ask(house, route)))
    for (const [at, answer] of answers.entries()) {
      const { method, path, isForm } = EXTENSION_STRANGERS[at]!
      const expected = [503, isForm ? 'temporarily_unavailable' : 'store_unavailable']
      expect([method, path, ...told(answer)]).toEqual([method, path, ...expected])
      expect(answer.headers.get('retry-after')).toBe('1')
      expect(answer.headers.getSetCookie()).toEqual([])
    }
  }, 20_000)
})
