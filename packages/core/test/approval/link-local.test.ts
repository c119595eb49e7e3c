import { expect, test } from 'vitest'
import { createApplicant, openDoor, seen, shown } from '../kit/applicants.ts'

test('LIM-06 a link-local peer keeps its address, without the interface that it came in by', async () => {
  const { server } = await openDoor()
  const phone = await createApplicant(server, { address: 'fe80::1%eth0' })
  await phone.ask()
  const first = await seen(server, phone)
  expect(first.address).toBe('fe80::1')
  for (const same of ['fe80::1', 'fe80::1%en1', 'FE80:0::1%12']) {
    phone.address = same
    await phone.ask()
    expect(await seen(server, phone), same).toEqual(first)
  }
})

test('LIM-06 link-local peers are a network like others, apart from those whose address can not be told', async () => {
  const { server } = await openDoor()
  const ask = async (address: string): Promise<number> =>
    (await (await createApplicant(server, { address })).ask()).status
  expect([await ask('fe80::1%eth0'), await ask('fe80::2%eth0')]).toEqual([202, 202])
  for (let n = 0; n < 4; n++) expect([await ask('junk%eth0'), await ask('')]).toEqual([202, 202])
  expect([await ask('fe80::3%eth0'), await ask('%eth0')]).toEqual([429, 429])
  const addresses = (await shown(server)).map(({ address }) => String(address))
  expect(addresses.sort()).toEqual([
    'fe80::1',
    'fe80::2',
    ...Array.from({ length: 8 }, () => 'null'),
  ])
})

test('LIM-06 a zone in a forwarded header is nobody’s address', async () => {
  const { server } = await openDoor('approval', { proxy: { hops: 1 } })
  const guest = await createApplicant(server, { key: null, address: 'fe80::1%eth0' })
  const body = { device: { label: 'A phone', kind: 'app' } }
  const asked = await guest.call('/auth/request', {
    body,
    headers: { 'x-forwarded-for': 'fe80::2%eth0' },
  })
  expect(asked.status).toBe(202)
  expect(await seen(server, guest)).toMatchObject({ address: null })
})
