import { expect, test } from 'vitest'
import { dumpStore, dumpText } from '../kit/dump.ts'
import { DAY } from '../../src/time.ts'
import { openDesk } from './desk.ts'

test('CODE-10 neither a user code nor a device code can be read from the store, the journal, lists or the log', async () => {
  const desk = await openDesk()
  const { device_code, user_code } = await desk.shown()
  await desk.type('222-222-222')
  await desk.told(device_code)
  await desk.decide('approve', user_code)
  const { server, owner } = desk
  const texts = [
    dumpText(await dumpStore(server.store)),
    (await owner.call('/auth/approvals')).text,
    (await owner.call('/auth/access')).text,
    JSON.stringify((await server.pair.audit.read({ limit: 1_000 })).items),
    JSON.stringify(server.logs),
    JSON.stringify(server.refusals),
  ].join('\n')
  const [, claim = '', cookie = ''] = device_code.split('.')
  for (const secret of [user_code, user_code.replaceAll('-', ''), claim, cookie])
    expect(texts).not.toContain(secret)
})

test('APP-12 the journal names the client with the request and with what became of it', async () => {
  const desk = await openDesk()
  const { device_code, user_code } = await desk.shown()
  await desk.decide('approve', user_code)
  await desk.told(device_code)
  const { items } = await desk.server.pair.audit.read({ limit: 1_000 })
  const told = items.filter(({ type }) => type.startsWith('approval.'))
  expect(told.map(({ type, detail }) => [type, detail?.clientId])).toEqual([
    ['approval.requested', 'notes-cli'],
    ['approval.approved', 'notes-cli'],
    ['approval.collected', 'notes-cli'],
  ])
  expect(told[1]!.actor).toMatchObject({ kind: 'session' })
})

test('SES-11 a user code outlives a rotation of the keys, unless all that is older is to end', async () => {
  const desk = await openDesk()
  const { signingKeys } = desk.server.pair
  const { device_code, user_code } = await desk.shown()
  await signingKeys.rotate()
  desk.server.clock.advance(61_000)
  expect((await desk.shown()).user_code).not.toBe(user_code)
  await desk.decide('approve', user_code)
  expect(await desk.told(device_code)).toBe('in')
})

test('STO-05 nothing of a request is left when it is long over', async () => {
  const desk = await openDesk()
  const { device_code } = await desk.shown()
  await desk.told(device_code)
  const left = async (): Promise<number> =>
    (await dumpStore(desk.server.store)).filter(({ key }) =>
      /^(?:user-code|device-poll|approval)$/.test(key[1] ?? ''),
    ).length
  expect(await left()).toBe(3)
  desk.server.clock.advance(DAY)
  await desk.server.pair.sweep()
  desk.server.clock.advance(DAY)
  await desk.server.pair.sweep()
  expect(await left()).toBe(0)
})
