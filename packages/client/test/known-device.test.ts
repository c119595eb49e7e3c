import { describe, expect, test } from 'vitest'
import { createDoor, createWaiter } from './kit/door.ts'
import { MINUTE } from './kit/home.ts'

describe('APP-14 a device that the server knows', () => {
  test('APP-14 is let in at once when it asks again, by its key', async () => {
    const { door, profile, client } = await createWaiter()
    await door.approve()
    await expect.poll(() => client.getSnapshot().status).toBe('paired')
    profile.cookies.clear()
    await profile.keyStore.mark(false)
    const again = profile.open()
    expect(await again.start()).toMatchObject({ status: 'unpaired' })
    expect(await again.request()).toMatchObject({ status: 'paired' })
    expect((await again.fetch('/careful')).status).toBe(200)
  })

  test('APP-14 asks for more beside its session, which stays until there is a wider one', async () => {
    const door = await createDoor('approval', { approval: { pendingMs: 60 * MINUTE } })
    const profile = door.home.profile()
    const client = profile.open()
    await client.request({ scopes: ['notes:read'] })
    await door.approve()
    await expect.poll(() => client.getSnapshot().status).toBe('paired')
    const { session } = client.getSnapshot()
    const asked = await client.request({ scopes: ['notes:read', 'notes:write'] })
    expect(asked).toMatchObject({ status: 'paired', session: { id: session?.id } })
    expect(await door.waiting()).toHaveLength(1)
    // its session runs on meanwhile, also over a reload and a renewal
    door.home.pass(16 * MINUTE)
    const again = profile.open()
    const seen: string[] = []
    again.subscribe(() => seen.push(again.getSnapshot().status))
    expect(await again.start()).toMatchObject({ status: 'paired', session: { id: session?.id } })
    expect(seen).toEqual(['paired'])
    await door.approve()
    await expect
      .poll(() => client.getSnapshot())
      .toMatchObject({ session: { scopes: ['notes:read', 'notes:write'] } })
    expect((await client.fetch('/careful')).status).toBe(200)
  })

  test('APP-14 that takes back what it asked for beside its session keeps it', async () => {
    const door = await createDoor()
    const client = door.home.profile().open()
    await client.request({ scopes: ['notes:read'] })
    await door.approve()
    await expect.poll(() => client.getSnapshot().status).toBe('paired')
    await client.request({ scopes: ['notes:read', 'notes:write'] })
    expect(await client.withdraw()).toMatchObject({ status: 'paired' })
    expect(await door.waiting()).toEqual([])
    expect(await client.withdraw()).toMatchObject({ status: 'paired' })
  })

  test('APP-14 that asks for more in vain keeps its session', async () => {
    const door = await createDoor()
    const client = door.home.profile().open()
    await client.request({ scopes: ['notes:read'] })
    await door.approve()
    await expect.poll(() => client.getSnapshot().status).toBe('paired')
    await client.request({ scopes: ['notes:read', 'notes:write'] })
    await door.reject()
    await expect
      .poll(() => client.getSnapshot())
      .toMatchObject({ status: 'paired', problem: { code: 'approval_rejected' } })
    expect((await client.fetch('/notes')).status).toBe(200)
  })
})
