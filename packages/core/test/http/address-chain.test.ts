import { describe, expect, test } from 'vitest'
import {
  clientAddress,
  networkOf,
  parseProxy,
  type ProxyRule,
} from '../../src/http/client-address.ts'
import { anyGroups, anyIPv4, createDraw, damage, pick, spell, type Draw } from './address-texts.ts'

function rule(option: Parameters<typeof parseProxy>[0]): ProxyRule {
  const parsed = parseProxy(option)
  if (parsed === null) throw new Error('not a rule')
  return parsed
}

const NOBODY = rule(undefined)
const CLIENT = '203.0.113.9'

/** What a stranger may write into a header: addresses, near ones, nothing, junk. */
function forged(draw: Draw, entries: number): string {
  return Array.from({ length: entries }, () => {
    const right = draw(2) === 0 ? anyIPv4(draw) : spell(anyGroups(draw), draw)
    return pick(draw, [
      right,
      right,
      damage(right, draw),
      '',
      ' ',
      'unknown',
      '127.0.0.1',
      '10.0.0.1',
    ])
  }).join(pick(draw, [',', ', ', ' ,\t']))
}

describe('LIM-06 with no proxy declared', () => {
  test('the address is the peer’s, whatever the header holds: 1,000 forged ones don’t move it', () => {
    const draw = createDraw(1)
    for (const peer of ['198.51.100.7', '127.0.0.1', '2001:db8::7', '::1']) {
      const seen = new Set<string>()
      for (let round = 0; round < 1_000; round++) {
        const hop = clientAddress(peer, forged(draw, draw(40)), NOBODY)
        seen.add(`${networkOf(hop.address)} ${hop.trusted} ${hop.named}`)
      }
      expect([...seen]).toEqual([`${networkOf(peer)} 0 true`])
    }
  })

  test('one header of 1,000 entries is as good as none', () => {
    const list = forged(createDraw(2), 1_000)
    expect(clientAddress('198.51.100.7', list, NOBODY).address).toBe('198.51.100.7')
  })

  test('a peer that nobody told, or that is none, is nobody', () => {
    for (const peer of [
      undefined,
      '',
      '%',
      '%eth0',
      'unix:/run/app.sock',
      'localhost',
      '010.0.0.1',
    ])
      expect(clientAddress(peer, CLIENT, NOBODY)).toEqual({
        address: null,
        trusted: 0,
        named: false,
      })
  })

  test('a peer is told without its interface and without the IPv6 that wraps IPv4', () => {
    const told = (peer: string): string | null => clientAddress(peer, null, NOBODY).address
    expect(told('fe80::1%eth0')).toBe('fe80::1')
    expect(told('FE80:0::1%12')).toBe('fe80::1')
    expect(told('fe80::1%a%b')).toBe('fe80::1')
    expect(told('::ffff:198.51.100.7')).toBe('198.51.100.7')
    expect(told('::ffff:c633:6407%lo')).toBe('198.51.100.7')
    expect(told('::ffff:010.0.0.1')).toBeNull()
  })
})

describe('LIM-06 with hops', () => {
  const HOPS = Array.from({ length: 16 }, (_, at) => at + 1)

  test.each(HOPS)('%i from the right is the client, whatever stands left of it', (hops) => {
    const draw = createDraw(hops)
    // the outermost proxy writes the client, each one behind it the proxy before
    const written = [CLIENT, ...HOPS.slice(1, hops).map((at) => `10.0.0.${at}`)].join(', ')
    for (const entries of [0, 1, 2, 15, 16, 17, 1_000]) {
      const header = entries === 0 ? written : `${forged(draw, entries)}, ${written}`
      expect(clientAddress('10.0.0.99', header, rule({ hops })), String(entries)).toEqual({
        address: CLIENT,
        trusted: hops,
        named: true,
      })
    }
  })

  test('1,000 forged headers don’t move who is behind one', () => {
    const draw = createDraw(3)
    for (let round = 0; round < 1_000; round++) {
      const header = `${forged(draw, 1 + draw(30))}, ${CLIENT}`
      expect(clientAddress('10.0.0.1', header, rule({ hops: 1 })).address).toBe(CLIENT)
    }
  })

  test('of mapped, bracketed and ported entries the address is told', () => {
    for (const [entry, address] of [
      ['::ffff:203.0.113.9', CLIENT],
      ['::FFFF:CB00:7109', CLIENT],
      ['203.0.113.9:4711', CLIENT],
      ['[2001:db8::9]:4711', '2001:db8::9'],
      [' \t203.0.113.9 ', CLIENT],
    ] as const)
      expect(clientAddress('10.0.0.1', `1.1.1.1,${entry}`, rule({ hops: 1 })).address).toBe(address)
  })

  test('an entry that is none names nobody, and the one beside it is not taken for it', () => {
    for (const entry of [
      '',
      ' ',
      'unknown',
      '_hidden',
      'fe80::1%eth0',
      '010.0.0.1',
      'unix:',
      '１.1.1.1',
    ])
      expect(clientAddress('10.0.0.1', `1.1.1.1,${entry}`, rule({ hops: 1 })), entry).toEqual({
        address: null,
        trusted: 1,
        named: false,
      })
  })

  test('without a header, or with fewer entries than hops, no one client is named', () => {
    for (const header of [null, '', ' ', '\t'])
      expect(clientAddress('10.0.0.1', header, rule({ hops: 2 }))).toEqual({
        address: '10.0.0.1',
        trusted: 2,
        named: false,
      })
    expect(clientAddress('10.0.0.1', CLIENT, rule({ hops: 2 })).named).toBe(false)
    expect(clientAddress('10.0.0.1', `${CLIENT}, 10.0.0.2`, rule({ hops: 2 })).named).toBe(true)
  })

  test('a proxy on a Unix socket has no address and is believed', () => {
    const hop = clientAddress(undefined, CLIENT, rule({ hops: 1 }))
    expect(hop).toEqual({ address: CLIENT, trusted: 1, named: true })
  })
})

describe('LIM-06 with named proxies', () => {
  const V4 = rule({ cidrs: ['10.0.0.0/24', '192.0.2.1'] })

  test('the first from the right that is none of them is the client, whatever stands left of it', () => {
    const draw = createDraw(4)
    for (let round = 0; round < 1_000; round++) {
      const inner = Array.from({ length: draw(5) }, () => `10.0.0.${draw(256)}`)
      const header = [forged(draw, draw(20)), CLIENT, ...inner].join(', ')
      expect(clientAddress('192.0.2.1', header, V4)).toEqual({
        address: CLIENT,
        trusted: inner.length + 1,
        named: true,
      })
    }
  })

  test('who is none of them is believed nothing', () => {
    for (const peer of [
      '10.0.1.0',
      '9.255.255.255',
      '192.0.2.2',
      '203.0.113.1',
      '::1',
      '127.0.0.1',
    ])
      expect(clientAddress(peer, `${CLIENT}, 10.0.0.1`, V4)).toEqual({
        address: peer,
        trusted: 0,
        named: true,
      })
    expect(clientAddress(undefined, CLIENT, V4)).toEqual({
      address: null,
      trusted: 0,
      named: false,
    })
  })

  test('where they name nobody but themselves, or junk, no one client is named', () => {
    for (const [header, address, trusted] of [
      [null, '10.0.0.1', 1],
      [' ', '10.0.0.1', 1],
      ['10.0.0.3, 10.0.0.2', '10.0.0.3', 2],
      ['unknown', null, 1],
      [`${CLIENT}, unknown, 10.0.0.2`, null, 2],
      [`${CLIENT},`, null, 1],
    ] as const)
      expect(clientAddress('10.0.0.1', header, V4), String(header)).toEqual({
        address,
        trusted,
        named: false,
      })
  })

  test('a client in one of their ranges is as good as a proxy: 1,000 of them end somewhere', () => {
    const header = Array.from({ length: 1_000 }, (_, at) => `10.0.0.${at % 256}`).join(',')
    expect(clientAddress('10.0.0.1', header, V4)).toMatchObject({ trusted: 1_000, named: false })
    expect(clientAddress('10.0.0.1', `${CLIENT},${header}`, V4).address).toBe(CLIENT)
  })
})

test('LIM-06 the rule is asked with any text and never throws', () => {
  const draw = createDraw(5)
  const rules = [
    NOBODY,
    rule({ hops: 1 }),
    rule({ hops: 16 }),
    rule({ cidrs: ['10.0.0.0/8', '::1'] }),
  ]
  for (let round = 0; round < 20_000; round++) {
    const peer = pick(draw, [undefined, '10.0.0.1', '::1', anyIPv4(draw), damage('10.0.0.1', draw)])
    const { address, trusted, named } = clientAddress(
      peer,
      forged(draw, draw(20)),
      pick(draw, rules),
    )
    expect(address === null ? 'unknown' : networkOf(address)).toBe(networkOf(address))
    expect(named && address === null).toBe(false)
    expect(trusted).toBeGreaterThanOrEqual(0)
  }
})
