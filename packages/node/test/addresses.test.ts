import { describe, expect, test } from 'vitest'
import { reachableAddresses } from '../src/index.ts'

const net = (address: string, family: 'IPv4' | 'IPv6', internal = false) => ({
  address,
  family,
  internal,
  netmask: '',
  mac: '',
  cidr: null,
  ...(family === 'IPv6' ? { scopeid: 0 } : {}),
})
const interfaces = {
  lo: [net('127.0.0.1', 'IPv4', true), net('::1', 'IPv6', true)],
  eth0: [net('fd00::5', 'IPv6'), net('fe80::1', 'IPv6'), net('192.168.1.20', 'IPv4')],
  usb0: [net('169.254.3.4', 'IPv4')],
} as Parameters<typeof reachableAddresses>[3]

describe('reachable addresses', () => {
  test('are the one that is listened on', () => {
    expect(reachableAddresses('127.0.0.1', 3000, 'http', interfaces)).toEqual([
      'http://127.0.0.1:3000',
    ])
    expect(reachableAddresses('localhost', 80, 'http', interfaces)).toEqual(['http://localhost'])
    expect(reachableAddresses('::1', 443, 'https', interfaces)).toEqual(['https://[::1]'])
  })

  test('of 0.0.0.0 are loopback first and every IPv4 address, without the link-local ones', () => {
    expect(reachableAddresses('0.0.0.0', 3000, 'http', interfaces)).toEqual([
      'http://127.0.0.1:3000',
      'http://192.168.1.20:3000',
    ])
  })

  test('of :: are those and the IPv6 ones', () => {
    expect(reachableAddresses('::', 3000, 'http', interfaces)).toEqual([
      'http://127.0.0.1:3000',
      'http://192.168.1.20:3000',
      'http://[fd00::5]:3000',
    ])
  })

  test('are of this machine unless told otherwise', () => {
    expect(reachableAddresses('0.0.0.0', 3000)[0]).toBe('http://127.0.0.1:3000')
  })
})
