import { describe, expect, test } from 'vitest'
import { memoryKeyStore } from '../src/index.ts'
import { createHome, type Home, MINUTE, ORIGIN, pairedHome } from './kit/home.ts'

async function revoke(home: Home): Promise<void> {
  const [device] = (await home.pair.devices.list()).items
  await home.pair.devices.revoke(device!.id)
}

describe('answers that come too late', () => {
  test('a renewal that ends after logout signs nobody in again', async () => {
    const { home, client } = await pairedHome()
    home.pass(16 * MINUTE)
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let reached = (): void => undefined
    const renewing = new Promise<void>((resolve) => (reached = resolve))
    home.between(async (request, next) => {
      const response = await next()
      if (request.url.endsWith('/renew') && response.ok) {
        reached()
        await held
      }
      return response
    })
    const pending = client.fetch('/notes')
    await renewing
    home.between(undefined)
    await client.logout()
    release()
    await pending
    expect(client.getSnapshot().status).toBe('unpaired')
  })

  test('a look that began before pairing does not undo it', async () => {
    const home = createHome()
    const client = home.profile().open()
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    home.between(async (request, next) => {
      const response = await next()
      if (request.url.endsWith('/session')) await held
      return response
    })
    const starting = client.start()
    await expect.poll(() => home.log).toContain('GET /auth/session')
    home.between(undefined)
    await client.redeem((await home.code()).secret)
    release()
    expect(await starting).toMatchObject({ status: 'paired' })
    expect(home.log).not.toContain('POST /auth/renew')
  })

  test('a refusal of a session that was replaced meanwhile signs nobody out', async () => {
    const { home, client } = await pairedHome()
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    home.between(async (request, next) => {
      const response = await next()
      if (request.url.endsWith('/slow')) await held
      return response
    })
    await revoke(home)
    home.log.length = 0
    const slow = client.fetch('/slow')
    await expect.poll(() => home.log).toContain('GET /slow')
    await client.redeem((await home.code()).secret)
    release()
    expect((await slow).status).toBe(200)
    expect(client.getSnapshot()).toMatchObject({ status: 'paired' })
    expect(client.getSnapshot().problem).toBeUndefined()
  })

  test('a loss that is noted slowly does not come between pairing anew', async () => {
    const memory = memoryKeyStore()
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let noting = false
    const slow = async (paired: boolean): Promise<void> => {
      noting = !paired
      if (!paired) await held
      await memory.mark(paired)
    }
    const { home, client } = await pairedHome({ keyStore: { ...memory, mark: slow } })
    await revoke(home)
    const starting = client.start()
    await expect.poll(() => noting).toBe(true)
    const seen: string[] = []
    client.subscribe(() => seen.push(client.getSnapshot().status))
    const redeeming = client.redeem((await home.code()).secret)
    release()
    await Promise.all([starting, redeeming])
    expect(seen).not.toContain('blocked')
    expect(client.getSnapshot().status).toBe('paired')
  })

  test('a closed client changes no more', async () => {
    const { home, client } = await pairedHome()
    const before = client.getSnapshot()
    let heard = 0
    client.subscribe(() => heard++)
    client.close()
    await revoke(home)
    await client.fetch(`${ORIGIN}/notes`)
    expect(client.getSnapshot()).toBe(before)
    expect(heard).toBe(0)
  })
})
