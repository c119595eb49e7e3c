import { memoryStore } from '@pair/core'
import { describe, expect, test } from 'vitest'
import { readFacts, type RequestFacts } from '../../src/http/request-facts.ts'
import { diagnoseProxy } from '../../src/http/undeclared-proxy.ts'
import { checkOptions } from '../../src/options.ts'
import type { PairOptions } from '../../src/pair-options.ts'
import { createDraw, damage } from './address-texts.ts'

type Headed = Record<string, string>

/** A server with these options, as it sees one request. */
function server(options: Partial<PairOptions> = {}): {
  see(peer: string | undefined, host: string, headers?: Headed): RequestFacts
  tell(peer: string | undefined, host: string, headers?: Headed): string | null
} {
  const secret = 'a secret of these tests, 32 bytes or more'
  const settings = checkOptions({ secret, store: memoryStore(), ...options })
  const see = (peer: string | undefined, host: string, headers: Headed = {}): RequestFacts => {
    const request = new Request('http://127.0.0.1:3000/auth/redeem', {
      method: 'POST',
      headers: { host, ...headers },
    })
    return readFacts(request, peer === undefined ? undefined : { remoteAddress: peer }, settings)
  }
  return { see, tell: (...asked) => diagnoseProxy(see(...asked), settings) }
}

const HOME = { publicUrl: 'https://home.example', allowedHosts: ['lab.lan:8443'] } as const
const HEADERS = [
  ['X-Forwarded-For', '203.0.113.9'],
  ['Forwarded', 'for=203.0.113.9;proto=https'],
  ['X-Real-IP', '203.0.113.9'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', 'home.example'],
] as const

describe('LIM-07 with no proxy declared', () => {
  const { see, tell } = server(HOME)

  test.each(HEADERS)(
    '%s folds the address, be it empty or junk, and moves nothing',
    (name, value) => {
      for (const peer of ['127.0.0.1', '::1', '10.0.0.1', '198.51.100.7', '2001:db8::7'])
        for (const host of ['localhost:3000', 'home.example', 'evil.example'])
          for (const text of [value, '', 'junk', ','.repeat(999)]) {
            const plain = see(peer, 'localhost:3000')
            const facts = see(peer, host, { [name]: text })
            expect([facts.folded, facts.doubt]).toEqual([true, 'header'])
            expect([facts.address, facts.network]).toEqual([plain.address, plain.network])
            expect(facts.scheme).toBe('http')
          }
    },
  )

  test('1,000 forged headers leave the network where it is', () => {
    const draw = createDraw(1)
    const networks = new Set<string>()
    for (let round = 0; round < 1_000; round++) {
      const [name, value] = HEADERS[draw(HEADERS.length)]!
      const forged = damage(value, draw).replace(/[^\x20-\x7e]/g, '')
      const facts = see('198.51.100.7', 'home.example', { [name]: `${forged}, ${round}.1.1.1` })
      networks.add(`${facts.network} ${facts.folded}`)
    }
    expect([...networks]).toEqual(['198.51.100.7 true'])
  })

  test('a request from this machine for another name is a proxy’s that adds no header', () => {
    for (const peer of ['127.0.0.1', '127.255.0.9', '::1', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1']) {
      for (const host of ['home.example', 'lab.lan:8443', '10.0.0.2:3000', 'localhost.example'])
        expect([see(peer, host).folded, see(peer, host).doubt]).toEqual([true, 'host'])
      for (const host of [
        'localhost',
        'localhost:3000',
        'app.localhost',
        '127.0.0.1:1',
        '[::1]:3000',
      ])
        expect([see(peer, host).folded, see(peer, host).doubt]).toEqual([false, null])
    }
    // one that rewrites Host to where it leads is given away by the page that asks
    const page = { origin: 'https://home.example' }
    expect(see('127.0.0.1', '127.0.0.1:3000', page)).toMatchObject({ folded: true, doubt: 'page' })
    for (const origin of ['http://127.0.0.1:3000', 'https://evil.example', 'null'])
      expect(see('127.0.0.1', '127.0.0.1:3000', { origin }).folded).toBe(false)
  })

  test('other peers who write no such header have their own address', () => {
    for (const peer of ['10.0.0.1', '198.51.100.7', '2001:db8::7', 'fe80::1%eth0', '128.0.0.1'])
      for (const host of ['home.example', 'localhost', 'evil.example'])
        for (const headers of [{}, { origin: 'https://home.example' }, { via: '1.1 cache' }])
          expect([see(peer, host, headers).folded, see(peer, host, headers).doubt]).toEqual([
            false,
            null,
          ])
  })

  test('peers that nobody told are folded: they are all `unknown`', () => {
    for (const peer of [undefined, '', 'unix:/run/app.sock', '010.0.0.1'])
      expect(see(peer, 'localhost')).toMatchObject({
        folded: true,
        doubt: 'peer',
        network: 'unknown',
        address: null,
      })
  })

  test('the operator is told which header came from where, and the line that mends it', () => {
    expect(tell('::ffff:127.0.0.1', 'home.example', { 'x-forwarded-for': '203.0.113.9' })).toBe(
      'X-Forwarded-For came from 127.0.0.1, but no proxy is declared: it is not believed. ' +
        'Everybody behind 127.0.0.1 has one address, so no limit by address protects you there. ' +
        "If 127.0.0.1 is a proxy of yours, set `proxy: { cidrs: ['127.0.0.1'] }` (or `{ hops: 1 }` " +
        'where nobody can reach the server past it). If not, a stranger wrote the header: declare nothing.',
    )
    for (const [name, value] of HEADERS)
      expect(tell('10.0.0.1', 'lab.lan', { [name]: value })).toMatch(`${name} came from 10.0.0.1,`)
    for (const host of ['home.example', 'lab.lan', 'lab.lan:8443'])
      expect(tell('::1', host)).toMatch(
        /^A request for \S+ came from ::1, this machine itself, but .*`proxy: \{ cidrs: \['::1'\] \}`/,
      )
    expect(tell('127.0.0.1', 'localhost:3000', { origin: 'https://home.example' })).toMatch(
      /^A page of https:\/\/home\.example asked from 127\.0\.0\.1 for localhost, but no proxy is/,
    )
    expect(tell(undefined, 'localhost')).toMatch(/^The address of the peer is not known.*hops: 1/)
  })

  test('a page of a strange domain that leads here is no reason to declare a proxy', () => {
    for (const host of ['evil.example', 'home.example.evil.example', 'a b', '@', ''])
      expect(tell('127.0.0.1', host)).toBeNull()
    expect(tell('127.0.0.1', 'localhost:3000')).toBeNull()
    expect(tell('198.51.100.7', 'home.example')).toBeNull()
  })

  test('nothing that a stranger wrote is in the sentence', () => {
    const mark = 'MARK<script>'
    for (const [name] of HEADERS)
      for (const peer of ['127.0.0.1', '198.51.100.7', undefined, mark])
        for (const host of ['home.example', 'localhost', 'mark.example'])
          expect(tell(peer, host, { [name]: mark, origin: 'https://mark.example' })).not.toMatch(
            /mark/i,
          )
  })
})

describe('LIM-07 with proxies declared', () => {
  const hops = server({ ...HOME, proxy: { hops: 2 } })
  const named = server({ ...HOME, proxy: { cidrs: ['10.0.0.0/24'] } })
  const forwarded = (list: string): Headed => ({ 'x-forwarded-for': list })

  test('a client that they name is one client', () => {
    const facts = hops.see('10.0.0.1', 'home.example', forwarded('1.1.1.1, 203.0.113.9, 10.0.0.2'))
    expect(facts).toMatchObject({ folded: false, doubt: null, network: '203.0.113.9' })
    expect(named.see('10.0.0.1', 'home.example', forwarded('junk, 203.0.113.9'))).toMatchObject({
      folded: false,
      doubt: null,
      network: '203.0.113.9',
    })
    // also from this machine: who is declared tells of others
    const local = server({ ...HOME, proxy: { hops: 1 } })
    expect(local.see('127.0.0.1', 'home.example', forwarded('203.0.113.9')).folded).toBe(false)
    expect(local.see('127.0.0.1', 'home.example', forwarded('127.0.0.1')).folded).toBe(false)
  })

  test.each([
    ['no header', {}],
    ['an empty header', forwarded(' ')],
    ['another header only', { 'x-real-ip': '203.0.113.9', forwarded: 'for=203.0.113.9' }],
    ['an entry that is none', forwarded('203.0.113.9, unknown, 10.0.0.2')],
    ['themselves alone', forwarded('10.0.0.3')],
  ])('%s folds: all behind them share what is left', (_, headers) => {
    for (const { see, tell } of [hops, named]) {
      expect(see('10.0.0.1', 'home.example', headers)).toMatchObject({
        folded: true,
        doubt: 'client',
      })
      expect(tell('10.0.0.1', 'home.example', headers)).toMatch(
        /^A declared proxy named no client in X-Forwarded-For.*proxy_set_header X-Forwarded-For/,
      )
    }
  })

  test('who asks at the machine itself is folded too, and no reason to tell anybody', () => {
    for (const { see, tell } of [hops, named])
      for (const host of ['localhost:3000', '127.0.0.1:3000', '[::1]'])
        for (const headers of [{}, { origin: 'http://localhost:3000' }]) {
          expect(see('10.0.0.1', host, headers)).toMatchObject({ folded: true, doubt: 'local' })
          expect(tell('10.0.0.1', host, headers)).toBeNull()
        }
    // but where a page shows that a proxy wrote that Host, or a header came, one was in between
    for (const headers of [{ origin: 'https://home.example' }, forwarded('unknown')])
      expect(hops.see('10.0.0.1', 'localhost:3000', headers).doubt).toBe('client')
  })

  test('who comes past the named ones has his own address, whatever he writes', () => {
    for (const peer of ['10.0.1.1', '198.51.100.7', '127.0.0.1', '::1']) {
      const facts = named.see(peer, 'home.example', forwarded('203.0.113.9, 10.0.0.1'))
      expect(facts).toMatchObject({
        folded: false,
        doubt: 'range',
        network: named.see(peer, 'x').network,
      })
      expect(named.tell(peer, 'home.example', forwarded('203.0.113.9'))).toMatch(
        `X-Forwarded-For came from ${peer}, which \`proxy.cidrs\` does not hold`,
      )
      expect(named.see(peer, 'home.example')).toMatchObject({ folded: false, doubt: null })
    }
  })

  test('a peer that nobody told is none of the named, and folded', () => {
    expect(named.see(undefined, 'home.example', forwarded('203.0.113.9'))).toMatchObject({
      folded: true,
      doubt: 'peer',
      network: 'unknown',
    })
    const facts = hops.see(undefined, 'home.example', forwarded('203.0.113.9, 10.0.0.2'))
    expect(facts).toMatchObject({ folded: false, network: '203.0.113.9' })
  })
})
