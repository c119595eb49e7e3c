import { describe, expect, test } from 'vitest'
import { createDoor, createWaiter } from './kit/door.ts'
import { DAY } from './kit/home.ts'

describe.each(['cookie', 'dpop'] as const)(
  'a device that asks to be let in, by %s',
  (transport) => {
    test('APP-11 waits, and goes on by itself once it is approved', async () => {
      const door = await createDoor()
      const client = door.home.profile({ transport, label: 'Kitchen' }).open()
      expect(await client.start()).toMatchObject({
        status: 'unpaired',
        server: { admission: 'approval' },
      })
      const snapshot = await client.request({ scopes: ['notes:read'] })
      const [seen] = await door.waiting()
      expect(snapshot).toMatchObject({
        status: 'pending',
        approval: {
          id: seen?.id,
          matchCode: seen?.matchCode,
          label: 'Kitchen',
          scopes: ['notes:read'],
          expiresAt: seen?.expiresAt,
        },
      })
      expect(snapshot.problem).toBeUndefined()
      expect(client.getSnapshot()).toBe(snapshot)
      await door.approve()
      await expect
        .poll(() => client.getSnapshot())
        .toMatchObject({ status: 'paired', session: { scopes: ['notes:read'] } })
      expect(client.getSnapshot().approval).toBeUndefined()
      expect((await client.fetch('/notes')).status).toBe(200)
      expect((await client.fetch('/careful')).status).toBe(200)
    })

    test('CLT-04 exchanges no token while it waits, whatever else it asks for', async () => {
      const { door, profile, client } = await createWaiter({ transport })
      expect((await client.fetch('/notes')).status).toBe(401)
      await client.start()
      await profile.open().start()
      expect((await client.fetch('/careful')).status).toBe(401)
      expect(client.getSnapshot().status).toBe('pending')
      expect(door.home.log).toContain('POST /auth/claim')
      expect(door.home.log).not.toContain('POST /auth/renew')
    })

    test('that was turned away is told so in the words of the server, and does not ask again by itself', async () => {
      const { door, client } = await createWaiter({ transport })
      await door.reject()
      await expect.poll(() => client.getSnapshot().status).toBe('blocked')
      expect(client.getSnapshot()).toMatchObject({
        problem: {
          code: 'approval_rejected',
          status: 403,
          message: 'This device was turned away.',
        },
      })
      door.home.log.length = 0
      await client.start()
      expect(door.home.log).toEqual(['GET /auth/session'])
      await expect(client.request()).rejects.toMatchObject({ code: 'approval_rejected' })
      expect(client.getSnapshot().status).toBe('blocked')
    })
  },
)

test('CLT-04 a device that was revoked and asks again exchanges no token while it waits', async () => {
  const { door, profile, client } = await createWaiter()
  await door.approve()
  await expect.poll(() => client.getSnapshot().status).toBe('paired')
  await door.owner.access.revokeDevice(client.getSnapshot().session!.device.id)
  expect(await client.start()).toMatchObject({
    status: 'blocked',
    problem: { code: 'session_revoked' },
  })
  expect(await client.request()).toMatchObject({ status: 'pending' })
  door.home.log.length = 0
  const again = profile.open()
  expect(await again.start()).toMatchObject({ status: 'pending' })
  expect(again.getSnapshot().problem).toBeUndefined()
  expect(door.home.log).not.toContain('POST /auth/renew')
})

test('CLT-04 a device that was revoked and asks again before it looked exchanges none either', async () => {
  const { door, profile, client } = await createWaiter()
  await door.approve()
  await expect.poll(() => client.getSnapshot().status).toBe('paired')
  await door.owner.access.revokeDevice(client.getSnapshot().session!.device.id)
  client.close()
  profile.cookies.clear()
  const again = profile.open()
  expect(await again.request()).toMatchObject({ status: 'pending' })
  door.home.log.length = 0
  expect(await again.start()).toMatchObject({ status: 'pending' })
  expect((await again.fetch('/notes')).status).toBe(401)
  expect(door.home.log).not.toContain('POST /auth/renew')
})

describe('a request that waits', () => {
  test('CLT-04 runs out with a sentence of its own', async () => {
    const { door, profile, client } = await createWaiter()
    client.close()
    door.home.pass(DAY)
    const again = profile.open()
    await again.start()
    await expect.poll(() => again.getSnapshot().status).toBe('unpaired')
    expect(again.getSnapshot()).toMatchObject({
      problem: { code: 'approval_expired', message: 'This request is no longer waiting.' },
    })
    expect(await profile.keyStore.loadPending()).toBeNull()
    expect(await again.request()).toMatchObject({ status: 'pending' })
    expect(again.getSnapshot().problem).toBeUndefined()
  })

  test('is blocked where the operator closes the door meanwhile, and found again when it opens', async () => {
    const { door, profile, client } = await createWaiter()
    const { version } = await door.owner.access.setAdmission({
      mode: 'closed',
      version: (await door.owner.access.get()).admission.version,
    })
    client.close()
    const again = profile.open()
    await again.start()
    await expect.poll(() => again.getSnapshot().status).toBe('blocked')
    expect(again.getSnapshot()).toMatchObject({
      problem: { code: 'admission_refused' },
      server: { admission: 'closed' },
    })
    await door.owner.access.setAdmission({ mode: 'approval', version })
    expect(await again.start()).toMatchObject({ status: 'pending' })
    await door.approve()
    await expect.poll(() => again.getSnapshot().status).toBe('paired')
  })

  test('that is asked for again is one request with one match code; changed it is another', async () => {
    const { door, client } = await createWaiter()
    const first = client.getSnapshot().approval
    const seen: string[] = []
    client.subscribe(() => seen.push(client.getSnapshot().status))
    expect((await client.request()).approval).toMatchObject({
      id: first?.id,
      matchCode: first?.matchCode,
    })
    const changed = (await client.request({ scopes: ['notes:read'] })).approval
    expect(changed).toMatchObject({ id: first?.id, scopes: ['notes:read'] })
    expect(await door.waiting()).toMatchObject([{ matchCode: changed?.matchCode }])
    expect(new Set(seen)).toEqual(new Set(['pairing', 'pending']))
    await door.approve()
    await expect
      .poll(() => client.getSnapshot())
      .toMatchObject({ status: 'paired', session: { scopes: ['notes:read'] } })
  })

  test('asks with one question at a time, and that one waits at the server', async () => {
    const { door, client } = await createWaiter()
    await expect.poll(() => door.home.log).toEqual(['POST /auth/claim'])
    await client.start()
    await client.start()
    expect(door.home.log.filter((line) => line.endsWith('/claim'))).toHaveLength(1)
  })

  test('is not asked for any more by a page that was closed', async () => {
    const { door, profile, client } = await createWaiter()
    await expect.poll(() => door.home.log).toEqual(['POST /auth/claim'])
    const before = client.getSnapshot()
    client.close()
    await door.approve()
    await client.start()
    expect(client.getSnapshot()).toBe(before)
    const again = profile.open()
    await again.start()
    await expect.poll(() => again.getSnapshot().status).toBe('paired')
    expect(door.home.log.filter((line) => line.endsWith('/claim'))).toHaveLength(2)
  })
})
