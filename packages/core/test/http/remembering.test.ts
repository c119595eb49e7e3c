import { describe, expect, test } from 'vitest'
import { remembering } from '../../src/http/remembering.ts'
import { createReckoner, readFacts, readHead, withUrl } from '../../src/http/request-facts.ts'
import { checkOptions } from '../../src/options.ts'
import type { PairOptions } from '../../src/pair-options.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { SECRET } from '../kit/server.ts'
import { createDraw } from './address-texts.ts'

/** Counts how often it was reckoned. */
function counting(): { ask: (text: string) => { text: string }; reckoned: string[] } {
  const reckoned: string[] = []
  const ask = remembering((text) => {
    reckoned.push(text)
    return { text }
  })
  return { ask, reckoned }
}

describe('remembering', () => {
  test('reckons once what is asked again, and answers the same', () => {
    const { ask, reckoned } = counting()
    for (const text of ['a', 'b', 'a', '', 'b', '', '__proto__', 'constructor'])
      expect(ask(text)).toEqual({ text })
    expect(ask('a')).toBe(ask('a'))
    expect(reckoned).toEqual(['a', 'b', '', '__proto__', 'constructor'])
  })

  test('keeps no more than 1,000 texts, and no long one', () => {
    const { ask, reckoned } = counting()
    for (let round = 0; round < 2; round++) for (let n = 0; n < 1_001; n++) ask(`${n}`)
    expect(reckoned.length).toBeGreaterThan(1_001)
    const before = reckoned.length
    const long = 'x'.repeat(257)
    expect([ask(long), ask(long)]).toEqual([{ text: long }, { text: long }])
    expect(reckoned.length).toBe(before + 2)
  })
})

const OPTIONS: readonly Partial<PairOptions>[] = [
  {},
  { publicUrl: 'https://home.example/app', allowedHosts: ['lab.lan'] },
  { publicUrl: 'https://home.example', proxy: { hops: 1 } },
  { proxy: { cidrs: ['10.0.0.0/8', '::1', 'fd00::/8'] } },
]
const PEERS = [
  undefined,
  '',
  '127.0.0.1',
  '::1',
  '10.0.0.1',
  '::ffff:10.0.0.2',
  '2001:db8::7',
  'a\nb',
]
const LISTS = [null, '', '203.0.113.9', '2001:db8::1, 10.0.0.9', 'junk', '10.0.0.1\n10.0.0.2', ',']
const HOSTS = [null, 'localhost:3000', 'home.example', 'LAB.lan:80', '127.1', '[::1]', 'a b', 'a,b']
const URLS = [
  'http://localhost:3000/auth/x?y=1',
  'https://home.example/app/z',
  'no URL',
  'http://a:b',
]

test('NET-04 a request is read alike whether or not its texts were seen before', () => {
  const draw = createDraw(5)
  for (const options of OPTIONS) {
    const settings = checkOptions({ secret: SECRET, store: memoryStore(), ...options })
    const reckoner = createReckoner(settings)
    for (let round = 0; round < 4_000; round++) {
      const one = <T>(list: readonly T[]): T => list[draw(list.length)]!
      const lines = new Map<string, string | null>([
        ['host', one(HOSTS)],
        ['x-forwarded-for', one(LISTS)],
        ['x-forwarded-proto', one([null, 'https', 'http'])],
        ['origin', one([null, 'https://home.example'])],
      ])
      const get = (name: string): string | null => lines.get(name) ?? null
      const headers = { get, has: (name: string) => get(name) !== null }
      const request = { method: 'GET', url: one(URLS), headers }
      const peer = one(PEERS)
      const info = {
        ...(peer === undefined ? {} : { remoteAddress: peer }),
        ...(draw(2) === 0 ? {} : { encrypted: draw(2) === 0 }),
      }
      const kept = withUrl(readHead(request, info, settings, reckoner))
      expect(kept).toEqual(readFacts(request, info, settings))
    }
  }
})
