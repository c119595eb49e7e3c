import { expect, test } from 'vitest'
import { createEdge } from '../kit/edge.ts'

test('LIM-06 of IPv6 the option says how many bits are one subject', async () => {
  const last = async (ipv6Prefix: number | undefined, addresses: string[]): Promise<number> => {
    const edge = createEdge({ limits: ipv6Prefix === undefined ? {} : { ipv6Prefix } })
    let status = 0
    for (const remoteAddress of addresses)
      status = (
        await edge.call('/auth/redeem', { body: { code: '222-222-222' }, info: { remoteAddress } })
      ).status
    return status
  }
  const nine = (at: (n: number) => string): string[] => Array.from({ length: 9 }, (_, n) => at(n))
  expect(
    await last(
      undefined,
      nine((n) => `2001:db8:0:7::${n}`),
    ),
  ).toBe(429)
  expect(
    await last(
      undefined,
      nine((n) => `2001:db8:0:${n}::1`),
    ),
  ).toBe(401)
  expect(
    await last(
      60,
      nine((n) => `2001:db8:0:${n}::1`),
    ),
  ).toBe(429)
  expect(
    await last(
      128,
      nine((n) => `2001:db8:0:7::${n}`),
    ),
  ).toBe(401)
})

test('LIM-07 behind a proxy that nobody declared one stranger locks nobody out, and the operator is told once an hour', async () => {
  const warned: string[] = []
  const tell = (sentence: string): void => void warned.push(sentence)
  const edge = createEdge({
    publicUrl: 'http://home.example',
    allowInsecureLan: true,
    limits: {},
    logger: { debug() {}, info() {}, warn: tell, error: tell },
  })
  const redeem = async (code: string, forwarded = '203.0.113.9'): Promise<number> => {
    const headers = { host: 'home.example', 'x-forwarded-for': forwarded }
    const info = { remoteAddress: '10.0.0.1', encrypted: false }
    return (await edge.call('/auth/redeem', { body: { code }, headers, info })).status
  }
  for (let n = 0; n < 30; n++) expect(await redeem('222-222-222', `192.0.2.${n}`)).toBe(401)
  expect(await redeem((await edge.pair.codes.issue()).typed)).toBe(200)
  expect(warned).toEqual([
    expect.stringMatching(/^X-Forwarded-For came from 10\.0\.0\.1, but no proxy/),
  ])
  edge.pass(3_599_999)
  await redeem('222-222-222')
  expect(warned).toHaveLength(1)
  edge.pass(1)
  await redeem('222-222-222')
  expect(warned).toHaveLength(2)
})
