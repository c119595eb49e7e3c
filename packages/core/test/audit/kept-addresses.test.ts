import { describe, expect, test } from 'vitest'
import { countedAddress, keptAddress } from '../../src/audit/kept-address.ts'
import { createEdge } from '../kit/edge.ts'
import { dumpStore, dumpText } from '../kit/dump.ts'

const ADDRESS = '203.0.113.77'
const IPV6 = '2001:db8:1234:5678::9'

test('EVT-02 an address is kept, cut to its network, or not kept', () => {
  const kept = (address: string): unknown[] =>
    (['keep', 'network', 'none'] as const).map((keeping) => keptAddress(address, keeping))
  expect(kept(ADDRESS)).toEqual([ADDRESS, '203.0.113.0/24', null])
  expect(kept(IPV6)).toEqual([IPV6, '2001:db8:1234::/48', null])
  expect(kept('::ffff:203.0.113.77')).toEqual(['::ffff:203.0.113.77', '203.0.113.0/24', null])
  expect(kept('no address')).toEqual(['no address', null, null])
  expect(countedAddress(IPV6, 'keep')).toBe('2001:db8:1234:5678::/64')
  expect(countedAddress(ADDRESS, 'keep')).toBe(ADDRESS)
  expect(countedAddress(IPV6, 'network')).toBe('2001:db8:1234::/48')
  expect(countedAddress(ADDRESS, 'none')).toBe(null)
})

describe.each([
  ['keep', ADDRESS, [{ address: ADDRESS, count: 1 }]],
  ['network', '203.0.113.0/24', [{ address: '203.0.113.0/24', count: 1 }]],
  ['none', undefined, []],
] as const)('with %s', (addresses, shown, counted) => {
  test(`EVT-02 the journal and the counts hold ${shown ?? 'no address'}`, async () => {
    const edge = createEdge({
      audit: { addresses },
      publicUrl: 'https://home.example',
      admission: 'code',
    })
    const at = 'https://home.example'
    const info = { remoteAddress: ADDRESS, encrypted: true }
    const { typed } = await edge.pair.codes.issue()
    const body = { code: typed, transport: 'bearer' }
    const { status } = await edge.call('/auth/redeem', { body, info, at })
    expect(status).toBe(200)
    await edge.call('/auth/redeem', { body: { code: '222-222-222' }, info, at })
    const { items } = await edge.pair.audit.read()
    const actor = items.find(({ type }) => type === 'code.redeemed')!.actor as { address?: string }
    expect(actor.address).toBe(shown)
    const [slice] = (await edge.pair.audit.refusals()).items
    expect(slice!.addresses).toEqual(counted)
    const { items: told } = await edge.store.tail(['pair', 'journal'], null, 100)
    const text = told.map(({ value }) => value).join('\n') + dumpText(await dumpStore(edge.store))
    if (addresses !== 'keep') expect(text).not.toContain(ADDRESS)
  })
})

test.each([
  [{ addresses: 'some' }, 'audit.addresses'],
  [{ chain: 'yes' }, 'audit.chain'],
  [null, 'audit'],
  ['chain', 'audit'],
])('EVT-02 the option %o is refused by name', (audit, name) => {
  expect(() => createEdge({ audit: audit as never })).toThrow(`createPair: \`${name}\``)
})
