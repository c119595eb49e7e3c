import { expect, test } from 'vitest'
import { createApplicant, letIn, openDoor } from '../kit/applicants.ts'

test('APP-14 a device that comes back keeps the label and kind under which it was let in, and the name that its owner gave it', async () => {
  const { server } = await openDoor()
  const phone = await createApplicant(server)
  await letIn(server, phone)
  const named = async (): Promise<unknown> =>
    (await server.pair.devices.list()).items
      .filter(({ kind, label }) => kind !== 'browser' || label !== 'A device')
      .map(({ label, kind }) => ({ label, kind }))
  const ask = (): Promise<{ status: number }> =>
    phone.ask({ device: { label: 'The owner’s laptop', kind: 'agent', publicKey: phone.key!.jwk } })

  const back = await ask()
  expect(back).toMatchObject({
    status: 200,
    body: { session: { device: { label: 'A phone', kind: 'browser' } } },
  })
  expect(await named()).toEqual([{ label: 'A phone', kind: 'browser' }])

  const { items } = await server.pair.devices.list()
  const { id } = items.find(({ label }) => label === 'A phone')!
  await server.pair.devices.rename(id, 'Kitchen phone')
  expect((await ask()).status).toBe(200)
  expect(await named()).toEqual([{ label: 'Kitchen phone', kind: 'browser' }])
  expect((await server.pair.audit.read()).items.at(-1)).toMatchObject({
    type: 'device.returned',
    detail: { label: 'Kitchen phone' },
  })
})
