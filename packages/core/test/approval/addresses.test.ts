import { expect, test } from 'vitest'
import { createApplicant, openDoor, seen, settle } from '../kit/applicants.ts'

test.each([
  ['203.0.113.7', '::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8::1', '2001:0DB8:0:0:0:0:0:0001', '2001:db8::1'],
  ['::ffff:cb00:7107', '203.0.113.7:4711', '203.0.113.7'],
  ['[2001:db8::1]:4711', '2001:db8::1', '2001:db8::1'],
])('LIM-06 %s and %s are one address, shown as %s, and one request', async (one, same, address) => {
  const { server } = await openDoor()
  const phone = await createApplicant(server, { address: one })
  await phone.ask()
  const first = await seen(server, phone)
  expect(first.address).toBe(address)
  phone.address = same
  await phone.ask()
  expect(await seen(server, phone)).toEqual(first)
})

test('LIM-06 of two addresses of one /64 each is shown as it is: another one is another request', async () => {
  const { server } = await openDoor()
  const phone = await createApplicant(server, { address: '2001:db8::1' })
  await phone.ask()
  const { digest } = await seen(server, phone)
  phone.address = '2001:db8::2'
  await phone.ask()
  const changed = await seen(server, phone)
  expect([changed.address, changed.digest === digest]).toEqual(['2001:db8::2', false])
  // and what is turned away there cools down for both
  await settle(server, 'reject', phone)
  const neighbour = await createApplicant(server, { address: '2001:db8::ffff' })
  expect((await neighbour.ask()).status).toBe(429)
  const beyond = await createApplicant(server, { address: '2001:db8:0:1::1' })
  expect((await beyond.ask()).status).toBe(202)
})

test('LIM-06 behind a declared proxy the address is the one that it saw, and without one nobody’s word is taken', async () => {
  for (const [proxy, address] of [
    [{ proxy: { hops: 1 } }, '198.51.100.9'],
    [{}, '203.0.113.7'],
  ] as const) {
    const { server } = await openDoor('approval', proxy)
    const guest = await createApplicant(server, { key: null })
    const body = { device: { label: 'A phone', kind: 'app' } }
    const headers = { 'x-forwarded-for': '192.0.2.1, 198.51.100.9', 'x-real-ip': '192.0.2.2' }
    expect((await guest.call('/auth/request', { body, headers })).status).toBe(202)
    expect(await seen(server, guest)).toMatchObject({ address })
  }
})
