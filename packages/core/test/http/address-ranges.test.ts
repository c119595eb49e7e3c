import { describe, expect, test } from 'vitest'
import { clientAddress, parseProxy } from '../../src/http/client-address.ts'

const CLIENT = '203.0.113.9'

describe('LIM-06 proxies named by address', () => {
  test('ranges are of IPv4, of IPv6, and mapped ones of IPv4', () => {
    const within = (cidr: string, peer: string): boolean =>
      clientAddress(peer, CLIENT, parseProxy({ cidrs: [cidr] })!).address === CLIENT
    for (const [cidr, inside, outside] of [
      ['10.0.0.0/8', '10.255.0.1', '11.0.0.1'],
      ['10.1.2.3/8', '10.255.0.1', '11.0.0.1'],
      ['10.0.0.128/25', '10.0.0.128', '10.0.0.127'],
      ['10.0.0.1', '10.0.0.1', '10.0.0.2'],
      ['10.0.0.1', '::ffff:10.0.0.1', '::ffff:10.0.0.2'],
      ['10.0.0.1', '::ffff:a00:1', '::a00:1'],
      ['::ffff:10.0.0.0/104', '10.9.9.9', '11.0.0.1'],
      ['::ffff:10.0.0.1', '10.0.0.1', '10.0.0.2'],
      ['::ffff:10.0.0.0/104', '::ffff:10.9.9.9', '::10.9.9.9'],
      ['2001:db8::/32', '2001:db8:ffff::1', '2001:db9::1'],
      ['2001:db8::/33', '2001:db8:7fff::1', '2001:db8:8000::1'],
      ['2001:db8::1', '2001:db8::1', '2001:db8::2'],
      ['fe80::/10', 'febf::1%eth0', 'fec0::1'],
      ['::1', '::1', '127.0.0.1'],
      ['127.0.0.0/8', '127.0.0.9', '::1'],
    ] as const) {
      expect(within(cidr, inside), `${inside} in ${cidr}`).toBe(true)
      expect(within(cidr, outside), `${outside} in ${cidr}`).toBe(false)
    }
  })

  test.each([
    ['all of IPv4', '0.0.0.0/0'],
    ['all of IPv6', '::/0'],
    ['all of mapped IPv4', '::ffff:0:0/96'],
    ['more than mapped IPv4', '::ffff:0:0/95'],
    ['too many bits', '10.0.0.0/33'],
    ['too many bits of a mapped one', '::ffff:10.0.0.0/129'],
    ['too many bits of IPv6', '2001:db8::/129'],
    ['bits with a zero before', '10.0.0.0/08'],
    ['bits with a sign', '10.0.0.0/+8'],
    ['no bits', '10.0.0.0/'],
    ['bits twice', '10.0.0.0/8/8'],
    ['a mask', '10.0.0.0/255.0.0.0'],
    ['octal', '010.0.0.0/8'],
    ['three parts', '10.0.0/8'],
    ['a number', '167772160/8'],
    ['a port', '10.0.0.1:80'],
    ['brackets', '[2001:db8::1]'],
    ['a zone', 'fe80::1%eth0'],
    ['a name', 'localhost'],
    ['the word of another library', 'loopback'],
    ['a blank', ' 10.0.0.1'],
    ['nothing', ''],
    ['octal in a mapped one', '::ffff:010.0.0.1'],
  ])('%s is no proxy that may be declared (%s)', (_, cidr) => {
    expect(parseProxy({ cidrs: [cidr] })).toBeNull()
    expect(parseProxy({ cidrs: ['10.0.0.1', cidr] })).toBeNull()
  })
})
