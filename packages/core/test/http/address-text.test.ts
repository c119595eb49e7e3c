import { isIP, isIPv6, SocketAddress } from 'node:net'
import { describe, expect, test } from 'vitest'
import { networkOf, parseAddress } from '../../src/http/client-address.ts'
import { anyGroups, anyIPv4, createDraw, damage, pick, spell } from './address-texts.ts'

const address = (text: string): string | null => parseAddress(text)?.toString() ?? null

test.each([
  ['1.2.3.4', '1.2.3.4'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['1.2.3.4:65535', '1.2.3.4'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['::FFFF:102:304', '1.2.3.4'],
  ['0:0:0:0:0:ffff:0102:0304', '1.2.3.4'],
  ['[::ffff:1.2.3.4]:80', '1.2.3.4'],
  ['2001:DB8:0:0:8:800:200C:417A', '2001:db8::8:800:200c:417a'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['2001:db8::192.0.2.1', '2001:db8::c000:201'],
  ['::', '::'],
  ['::1', '::1'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  // the retired form that is compatible with IPv4 is not the mapped one, however it is written
  ['::1.2.3.4', '::102:304'],
  ['::102:304', '::102:304'],
])('LIM-06 %s is the address %s', (text, normal) => {
  expect(address(text)).toBe(normal)
})

const JUNK: readonly [string, string][] = [
  ['an empty text', ''],
  ['a blank', ' '],
  ['a blank before', ' 1.2.3.4'],
  ['a blank behind', '1.2.3.4 '],
  ['a line feed behind', '1.2.3.4\n'],
  ['octal', '010.0.0.1'],
  ['a leading zero', '1.2.3.04'],
  ['double zero', '00.0.0.0'],
  ['hex', '0x7f.0.0.1'],
  ['hex of one part', '0x7f000001'],
  ['a number', '2130706433'],
  ['two parts', '127.1'],
  ['three parts', '127.0.1'],
  ['five parts', '1.2.3.4.5'],
  ['a part too large', '1.2.3.256'],
  ['a part far too large', '1.2.3.99999999999999999999'],
  ['an empty part', '1..3.4'],
  ['a trailing dot', '1.2.3.4.'],
  ['a leading dot', '.1.2.3.4'],
  ['a sign', '+1.2.3.4'],
  ['an exponent', '1e1.2.3.4'],
  ['full-width digits', '１.2.3.4'],
  ['full-width dots', '1．2．3．4'],
  ['Arabic digits', '١.2.3.4'],
  ['a NUL', '1.2.3.4\0'],
  ['a NUL within', '1.2\0.3.4'],
  ['a port without digits', '1.2.3.4:'],
  ['a port too long', '1.2.3.4:655350'],
  ['two ports', '1.2.3.4:1:2'],
  ['a range', '10.0.0.0/8'],
  ['brackets around IPv4', '[1.2.3.4]'],
  ['brackets that stay open', '[::1'],
  ['brackets around nothing', '[]'],
  ['brackets twice', '[[::1]]'],
  ['a bracket with a port of letters', '[::1]:http'],
  ['a zone', 'fe80::1%eth0'],
  ['a zone of nothing', 'fe80::1%'],
  ['a zone in brackets', '[fe80::1%25eth0]'],
  ['a colon', ':'],
  ['three colons', ':::'],
  ['four colons', '::::'],
  ['zeros left out twice', '1::2::3'],
  ['a colon before', ':1:2:3:4:5:6:7'],
  ['a colon behind', '1:2:3:4:5:6:7:'],
  ['seven groups', '1:2:3:4:5:6:7'],
  ['nine groups', '1:2:3:4:5:6:7:8:9'],
  ['eight groups and none left out', '1:2:3:4::5:6:7:8'],
  ['a group too long', '::00001'],
  ['a letter that is no digit', '::g'],
  ['hex with its mark', '::0x1'],
  ['octal within a mapped address', '::ffff:010.0.0.1'],
  ['hex within a mapped address', '::ffff:0x7f.0.0.1'],
  ['a part too large within a mapped address', '::ffff:1.2.3.256'],
  ['three parts within a mapped address', '::ffff:1.2.3'],
  ['IPv4 within the middle', '::1.2.3.4:1'],
  ['octal within a compatible address', '::010.0.0.1'],
  ['a name', 'localhost'],
  ['what proxies write that don’t tell', 'unknown'],
  ['a hidden name', '_hidden'],
  ['quotes', '"1.2.3.4"'],
  ['an element of Forwarded', 'for=1.2.3.4'],
  ['a socket', 'unix:'],
  ['a list', '1.2.3.4, 5.6.7.8'],
]

test.each(JUNK)('LIM-06 of %s no address is told (%j)', (_, text) => {
  expect(address(text)).toBeNull()
  expect(networkOf(text)).toBe('unknown')
})

test('LIM-06 huge texts are no addresses', () => {
  const huge = (part: string): string => part.repeat(Math.ceil(100_000 / part.length))
  for (const text of [
    ...['0', '1', '1.', ':', '::', '0:', 'f', '[', ']', '%', ' ', '.', '\0', '１', 'ffff:'].map(
      huge,
    ),
    `1.2.3.4${huge('0')}`,
    `${huge('0')}1.2.3.4`,
    `[${huge(':')}]:80`,
    `::ffff:${huge('1')}.2.3.4`,
  ]) {
    expect(address(text), text.slice(0, 20)).toBeNull()
    expect(networkOf(text)).toBe('unknown')
  }
})

describe('LIM-06 of any text', () => {
  test('the platform agrees whether it is an address, and which', () => {
    const draw = createDraw(6)
    const wrong: string[] = []
    let addresses = 0
    for (let round = 0; round < 100_000; round++) {
      const right = draw(2) === 0 ? anyIPv4(draw) : spell(anyGroups(draw), draw)
      const text = draw(3) === 0 ? right : damage(right, draw)
      // a port and brackets are no part of an address: that they go is told above
      if (/[[\]]/.test(text) || /^[\d.]+:\d+$/.test(text)) continue
      const read = address(text)
      const is = isIP(text) !== 0 && !text.includes('%')
      if (is) addresses++
      if (is !== (read !== null)) wrong.push(text)
      if (read === null || !isIPv6(text) || !isIPv6(read)) continue
      const platform = new SocketAddress({ address: text, family: 'ipv6' }).address
      if (platform !== new SocketAddress({ address: read, family: 'ipv6' }).address)
        wrong.push(text)
    }
    expect(wrong).toEqual([])
    expect(addresses).toBeGreaterThan(30_000)
  })

  test('nothing throws, and what is no address has the one network `unknown`', () => {
    const draw = createDraw(7)
    const wrong: string[] = []
    for (let round = 0; round < 100_000; round++) {
      const text = String.fromCharCode(
        ...Array.from({ length: draw(40) }, () =>
          draw(2) === 0 ? draw(65_536) : pick(draw, [...'0123456789abcdef:.[]%']).charCodeAt(0),
        ),
      )
      const network = networkOf(text, 32 + draw(97))
      if ((address(text) === null) !== (network === 'unknown')) wrong.push(text)
    }
    expect(wrong).toEqual([])
  })
})

describe('LIM-06 the network of an address', () => {
  test('is IPv4 itself, in whichever way it came', () => {
    const draw = createDraw(8)
    for (let round = 0; round < 5_000; round++) {
      const plain = anyIPv4(draw)
      const [a = 0, b = 0, c = 0, d = 0] = plain.split('.').map(Number)
      const groups = [0, 0, 0, 0, 0, 0xffff, a * 256 + b, c * 256 + d]
      for (const text of [
        plain,
        `::ffff:${plain}`,
        spell(groups, draw),
        `${plain}:${draw(65_536)}`,
      ])
        expect(networkOf(text), text).toBe(plain)
    }
  })

  test('is of IPv6 the first 64 bits, or as many as were asked for, however it is spelled', () => {
    const draw = createDraw(9)
    for (let round = 0; round < 5_000; round++) {
      const groups = [0x2000 + draw(0x1000), ...anyGroups(draw).slice(1)]
      const bits = draw(2) === 0 ? 64 : 32 + draw(97)
      // reckoned apart from the product, with one large number
      const all = BigInt(`0x${groups.map((group) => group.toString(16).padStart(4, '0')).join('')}`)
      const masked = (all >> BigInt(128 - bits)) << BigInt(128 - bits)
      const text = masked.toString(16).padStart(32, '0').match(/.{4}/g)!.join(':')
      const { address: platform } = new SocketAddress({ address: text, family: 'ipv6' })
      const network = networkOf(spell(groups, draw), bits)
      const [base = '', prefix] = network.split('/')
      expect(Number(prefix)).toBe(bits)
      expect(new SocketAddress({ address: base, family: 'ipv6' }).address).toBe(platform)
      if (bits === 64) expect(networkOf(spell(groups, draw))).toBe(network)
    }
  })

  test('is one for all of a /64, and another one for the next', () => {
    expect(networkOf('2001:db8:1:2::1')).toBe('2001:db8:1:2::/64')
    expect(networkOf('2001:db8:1:2:ffff:ffff:ffff:ffff')).toBe('2001:db8:1:2::/64')
    expect(networkOf('2001:db8:1:3::1')).toBe('2001:db8:1:3::/64')
    expect(networkOf('2001:db8:1:3::1', 48)).toBe('2001:db8:1::/48')
    expect(networkOf('2001:db8:1:ff80::1', 57)).toBe('2001:db8:1:ff80::/57')
    expect(networkOf('2001:db8:1:ff7f::1', 57)).toBe('2001:db8:1:ff00::/57')
    expect(networkOf('2001:db8:1:3::1', 128)).toBe('2001:db8:1:3::1/128')
    expect(networkOf('2001:db8:1:3::1', 32)).toBe('2001:db8::/32')
  })

  test('is behind NAT64 that of IPv4: else all of IPv4 would be one', () => {
    expect(networkOf('64:ff9b::203.0.113.9')).toBe('203.0.113.9')
    expect(networkOf('64:ff9b::cb00:710a')).toBe('203.0.113.10')
    expect(networkOf('64:ff9b:1::cb00:710a')).toBe('64:ff9b:1::/64')
    expect(networkOf('64:ff9b:0:0:1::cb00')).toBe('64:ff9b::/64')
  })

  test('is never that of another kind: no IPv6 text leads to the network of an IPv4 address but these', () => {
    for (const text of ['::1.2.3.4', '::102:304', '2002:102:304::1', '::ffff:0:1.2.3.4'])
      expect(networkOf(text), text).toMatch(/^[0-9a-f:]+\/64$/)
  })

  test('is `unknown` where there is none', () => {
    expect(networkOf(null)).toBe('unknown')
  })
})
