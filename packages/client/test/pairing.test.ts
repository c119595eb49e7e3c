import { describe, expect, test } from 'vitest'
import { memoryKeyStore, type PairSnapshot } from '../src/index.ts'
import { createHome } from './kit/home.ts'

describe.each(['cookie', 'dpop'] as const)('pairing by %s', (transport) => {
  test('a newcomer is unpaired, and the question spends nothing', async () => {
    const home = createHome()
    const client = home.profile({ transport }).open()
    expect(client.getSnapshot()).toEqual({ status: 'unknown', linkCode: false, linkOwner: false })
    const snapshot = await client.start()
    expect(snapshot).toMatchObject({
      status: 'unpaired',
      linkCode: false,
      server: { version: 1, admission: 'code' },
    })
    expect(client.getSnapshot()).toBe(snapshot)
    expect(home.log).toEqual(['GET /auth/session'])
  })

  test('a typed code in any spelling, a secret, and a pasted link all pair', async () => {
    for (const form of ['typed', 'secret', 'link'] as const) {
      const home = createHome()
      const client = home.profile({ transport }).open()
      await client.start()
      const code = (await home.code())[form]
      const snapshot = await client.redeem(
        form === 'typed' ? ` ${code.toLowerCase().replaceAll('-', '')} ` : code,
      )
      expect(snapshot).toMatchObject({
        status: 'paired',
        linkCode: false,
        session: { transport, device: { label: 'A test', kind: 'app' } },
      })
    }
  })

  test('the device is named by its key, and the app may be used at once', async () => {
    const home = createHome()
    const profile = home.profile({ transport })
    const client = profile.open()
    await client.start()
    const { session } = await client.redeem((await home.code()).secret)
    expect(session?.device.thumbprint).toMatch(/^[\w-]{43}$/)
    const response = await client.fetch('/notes', { method: 'POST', body: 'hello' })
    expect(await response.text()).toBe('/notes hello')
    expect(profile.cookies.size).toBe(transport === 'cookie' ? 1 : 0)
  })

  test('a page that is opened again is paired, with the same device', async () => {
    const home = createHome()
    const profile = home.profile({ transport })
    const first = profile.open()
    const { session } = await first.redeem((await home.code()).secret)
    const again = profile.open()
    expect(await again.start()).toMatchObject({ status: 'paired', session: { id: session?.id } })
    expect((await again.fetch('/notes')).status).toBe(200)
  })

  test('CLT-02 a code is submitted once, however often the button is pressed', async () => {
    const home = createHome()
    const client = home.profile({ transport }).open()
    await client.start()
    const { secret } = await home.code()
    const snapshots = await Promise.all([
      client.redeem(secret),
      client.redeem(secret),
      client.redeem(secret),
    ])
    expect(new Set(snapshots).size).toBe(1)
    expect(home.log.filter((line) => line === 'POST /auth/redeem')).toHaveLength(1)
  })

  test('subscribers see each step once, and no step twice', async () => {
    const home = createHome()
    const client = home.profile({ transport }).open()
    const seen: PairSnapshot[] = []
    client.subscribe(() => seen.push(client.getSnapshot()))
    await client.start()
    await client.redeem((await home.code()).secret)
    expect(seen.map((snapshot) => snapshot.status)).toEqual(['unpaired', 'pairing', 'paired'])
    await client.start()
    expect(seen).toHaveLength(3)
  })

  test('a refused code leaves the person where he was, with the sentence of the server', async () => {
    const home = createHome()
    const client = home.profile({ transport }).open()
    await client.start()
    const refused = client.redeem('AAA-AAA-AAA')
    await expect(refused).rejects.toMatchObject({
      code: 'code_invalid',
      message: 'This code can not be used.',
    })
    expect(client.getSnapshot()).toMatchObject({
      status: 'unpaired',
      problem: { code: 'code_invalid' },
    })
    await expect(client.redeem('0O1-IL0-000')).rejects.toMatchObject({ code: 'code_malformed' })
    await client.redeem((await home.code()).secret)
    expect(client.getSnapshot()).toMatchObject({ status: 'paired' })
    expect(client.getSnapshot().problem).toBeUndefined()
  })

  test('a clock that is hours off pairs all the same, started or not', async () => {
    for (const ms of [-7_200_000, 7_200_000]) {
      const home = createHome()
      home.pass(ms)
      const profile = home.profile({ transport })
      expect(await profile.open().redeem((await home.code()).secret)).toMatchObject({
        status: 'paired',
      })
      const client = profile.open()
      await client.start()
      expect((await client.fetch('/careful')).status).toBe(200)
    }
  })

  test('a clock that is hours off costs no refusal once the server was asked', async () => {
    const home = createHome()
    home.pass(7_200_000)
    const client = home.profile({ transport }).open()
    await client.start()
    await client.redeem((await home.code()).secret)
    await client.access.get()
    expect(new Set(home.log).size).toBe(home.log.length - (transport === 'cookie' ? 1 : 0))
  })

  test('a look that is asked for while a code is on its way waits for it', async () => {
    const home = createHome()
    const client = home.profile({ transport }).open()
    await client.start()
    const seen: string[] = []
    client.subscribe(() => seen.push(client.getSnapshot().status))
    const redeeming = client.redeem((await home.code()).secret)
    expect(await client.start()).toMatchObject({ status: 'paired' })
    await redeeming
    expect(seen).toEqual(['pairing', 'paired'])
  })

  test('logout signs out here and on the server', async () => {
    const home = createHome()
    const profile = home.profile({ transport })
    const client = profile.open()
    await client.redeem((await home.code()).secret)
    await client.logout()
    expect(client.getSnapshot()).toMatchObject({ status: 'unpaired', linkCode: false })
    expect((await client.fetch('/notes')).status).toBe(401)
    expect(await profile.open().start()).toMatchObject({ status: 'unpaired' })
    expect((await home.pair.sessions.list()).items).toEqual([])
    expect(profile.cookies.size).toBe(0)
  })

  test('after logout the same device may pair again', async () => {
    const home = createHome()
    const client = home.profile({ transport }).open()
    const first = await client.redeem((await home.code()).secret)
    await client.logout()
    const second = await client.redeem((await home.code()).secret)
    expect(second.session?.device.thumbprint).toBe(first.session?.device.thumbprint)
    expect(second.session?.id).not.toBe(first.session?.id)
  })
})

test('a code that is missing, or no text at all, is told without asking the server', async () => {
  const home = createHome()
  const client = home.profile().open()
  await expect(client.redeem()).rejects.toMatchObject({ code: 'code_missing' })
  await expect(client.redeem('  ')).rejects.toMatchObject({ code: 'code_missing' })
  await expect(client.redeem('abc\ud800')).rejects.toMatchObject({ code: 'code_malformed' })
  expect(home.log).toEqual([])
})

test('a refused code on a paired device takes nothing away', async () => {
  const home = createHome()
  const client = home.profile().open()
  const { session } = await client.redeem((await home.code()).secret)
  await expect(client.redeem('AAA-AAA-AAA')).rejects.toMatchObject({ code: 'code_invalid' })
  expect(client.getSnapshot()).toMatchObject({
    status: 'paired',
    session,
    problem: { code: 'code_invalid' },
  })
})

test('a browser that keeps no cookies is told so, instead of looking paired', async () => {
  const home = createHome()
  const profile = home.profile()
  home.between(async (_request, next) => {
    const response = await next()
    profile.cookies.clear()
    return response
  })
  const client = profile.open()
  await expect(client.redeem((await home.code()).secret)).rejects.toMatchObject({
    code: 'cookie_refused',
  })
  expect(client.getSnapshot()).toMatchObject({
    status: 'blocked',
    problem: { code: 'cookie_refused' },
  })
})

test('a key store that keeps nothing costs no code', async () => {
  const home = createHome()
  const { secret } = await home.code()
  const broken = (): Promise<never> => Promise.reject(new Error('quota'))
  const client = home
    .profile({ keyStore: { ...memoryKeyStore(), load: broken, keep: broken, mark: broken } })
    .open()
  expect(await client.start()).toMatchObject({ status: 'unpaired' })
  await expect(client.redeem(secret)).rejects.toMatchObject({ code: 'key_refused' })
  expect(await home.profile().open().redeem(secret)).toMatchObject({ status: 'paired' })
})

test('without an address there is a first snapshot, and a clear error from the first use', async () => {
  const { createPairClient } = await import('../src/index.ts')
  const client = createPairClient()
  expect(client.getSnapshot().status).toBe('unknown')
  await expect(client.start()).rejects.toMatchObject({ code: 'config_invalid' })
  await expect(client.fetch('/notes')).rejects.toMatchObject({ code: 'config_invalid' })
})
