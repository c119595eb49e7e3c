import { describe, expect, test } from 'vitest'
import { createDoor, createWaiter } from './kit/door.ts'
import { createHome } from './kit/home.ts'

describe('deciding who comes in', () => {
  test('APP-17 two clicks in one tick are one request, also where they say the contrary', async () => {
    const { door } = await createWaiter()
    const [item] = await door.waiting()
    const { id, digest } = item!
    door.home.log.length = 0
    const answers = await Promise.all([
      door.owner.access.approve(id, { digest }),
      door.owner.access.approve(id, { digest }),
      door.owner.access.reject(id, { digest }),
    ])
    expect(answers.map(({ state }) => state)).toEqual(['approved', 'approved', 'approved'])
    expect(door.home.log.filter((line) => line.includes('/approvals/'))).toEqual([
      `POST /auth/approvals/${id}/approve`,
    ])
    await expect(door.owner.access.reject(id, { digest })).rejects.toMatchObject({ status: 409 })
  })

  test('APP-17 requests of two devices are decided beside each other', async () => {
    const { door } = await createWaiter()
    await door.home.profile({ label: 'Another' }).open().request()
    const items = await door.waiting()
    const states = await Promise.all(
      items.map(({ id, digest }, n) =>
        n === 0
          ? door.owner.access.approve(id, { digest })
          : door.owner.access.reject(id, { digest }),
      ),
    )
    expect(states.map(({ id, state }) => [id, state])).toEqual([
      [items[0]?.id, 'approved'],
      [items[1]?.id, 'rejected'],
    ])
  })

  test('APP-17 a decision that failed may be tried again', async () => {
    const { door } = await createWaiter()
    const [item] = await door.waiting()
    const { id, digest } = item!
    door.home.between(() => Promise.reject(new TypeError('fetch failed')))
    await expect(door.owner.access.approve(id, { digest })).rejects.toMatchObject({
      code: 'offline',
    })
    door.home.between(undefined)
    expect(await door.owner.access.approve(id, { digest })).toMatchObject({ state: 'approved' })
  })

  test('APP-07 what changed since it was seen is not approved', async () => {
    const { door, client } = await createWaiter()
    const [seen] = await door.waiting()
    await client.request({ scopes: ['notes:read'] })
    const decision = door.owner.access.approve(seen!.id, { digest: seen!.digest })
    await expect(decision).rejects.toMatchObject({ code: 'approval_changed', status: 409 })
    expect(await door.waiting()).toHaveLength(1)
  })

  test('may give less than was asked for, with a reason that is kept', async () => {
    const { door, client } = await createWaiter()
    const [item] = await door.waiting()
    const { id, digest } = item!
    const decision = { digest, scopes: ['notes:read'], reason: 'reads only' }
    expect(await door.owner.access.approve(id, decision)).toMatchObject({
      decision: { reason: 'reads only', scopes: ['notes:read'] },
    })
    await expect
      .poll(() => client.getSnapshot())
      .toMatchObject({ status: 'paired', session: { scopes: ['notes:read'] } })
  })

  test('is forgotten, and the next request starts clean', async () => {
    const { door, client } = await createWaiter()
    const [item] = await door.waiting()
    await expect(door.owner.access.forget(item!.id)).rejects.toMatchObject({
      code: 'approval_pending',
    })
    await door.owner.access.reject(item!.id, { digest: item!.digest, reason: 'not known' })
    await expect.poll(() => client.getSnapshot().status).toBe('blocked')
    await door.owner.access.forget(item!.id)
    expect((await door.owner.access.get()).approvals).toEqual([])
    door.home.pass(60_000)
    expect(await client.request()).toMatchObject({ status: 'pending' })
  })

  test('goes to no other address by an id that is a path', async () => {
    const { owner, home } = await createDoor()
    home.log.length = 0
    await expect(owner.access.approve('../x', { digest: 'd' })).rejects.toMatchObject({
      status: 404,
    })
    expect(home.log).toEqual(['POST /auth/approvals/..%2Fx/approve'])
  })
})

describe('how newcomers may enter', () => {
  test('is changed with the version that was read, and two who change it at once do not undo each other', async () => {
    const { owner } = await createDoor()
    const { mode, version } = (await owner.access.get()).admission
    expect(mode).toBe('approval')
    const changed = await owner.access.setAdmission({ mode: 'closed', version })
    expect(changed).toMatchObject({ mode: 'closed', stored: null })
    await expect(owner.access.setAdmission({ mode: 'code', version })).rejects.toMatchObject({
      code: 'admission_changed',
    })
    const { version: next } = changed
    expect(await owner.access.setAdmission({ mode: 'code', version: next })).toMatchObject({
      mode: 'code',
    })
    await owner.start()
    expect(owner.getSnapshot().server?.admission).toBe('code')
  })

  test('may end the sessions of who came in otherwise, but not of who asks', async () => {
    const { door, client } = await createWaiter()
    await door.approve()
    await expect.poll(() => client.getSnapshot().status).toBe('paired')
    const { version } = (await door.owner.access.get()).admission
    await door.owner.access.setAdmission({ mode: 'code+approval', version, reevaluate: true })
    expect((await client.fetch('/notes')).status).toBe(401)
    expect((await door.owner.fetch('/notes')).status).toBe(200)
  })
})

describe('a code that a person has to confirm', () => {
  test('waits as a request does, and lets in with what the code gives', async () => {
    const door = await createDoor('code+approval')
    const { link } = await door.owner.access.issueCode({ scopes: ['notes:read'] })
    const profile = door.home.profile()
    const client = profile.open()
    await client.start()
    expect(await client.redeem(link)).toMatchObject({
      status: 'pending',
      approval: { scopes: ['notes:read'] },
      server: { admission: 'code+approval' },
    })
    expect((await door.owner.access.get()).codes).toMatchObject([{ held: 1, used: 0 }])
    const rival = door.home.profile().open()
    await expect(rival.redeem(link)).rejects.toMatchObject({ code: 'code_invalid' })
    expect(rival.getSnapshot().status).toBe('unpaired')
    await door.approve()
    await expect
      .poll(() => client.getSnapshot())
      .toMatchObject({ status: 'paired', session: { scopes: ['notes:read'] } })
  })

  test('is free again when the request is taken back', async () => {
    const door = await createDoor('code+approval')
    const { link } = await door.owner.access.issueCode()
    const client = door.home.profile().open()
    await client.redeem(link)
    await client.withdraw()
    expect(await door.home.profile().open().redeem(link)).toMatchObject({ status: 'pending' })
  })

  test('refuses who asks without one, in the words of the server', async () => {
    const { home } = await createDoor('code+approval')
    const client = home.profile().open()
    await expect(client.request()).rejects.toMatchObject({ code: 'admission_refused', status: 403 })
    expect(client.getSnapshot()).toMatchObject({
      status: 'blocked',
      problem: { message: 'Nobody comes in that way here.' },
    })
  })
})

describe('the first owner', () => {
  const bytes = new Map<string, Uint8Array>()
  const spent = new Set<string>()
  const secrets = {
    async getOrCreate(name: string) {
      const made = bytes.get(name) ?? crypto.getRandomValues(new Uint8Array(32))
      bytes.set(name, made)
      return made
    },
    async markSpent(name: string) {
      return !spent.has(name) && spent.add(name).size > 0
    },
    isSpent: async (name: string) => spent.has(name),
  }

  test('comes in with the link that the server printed, once', async () => {
    const home = createHome({ admission: 'approval', secret: secrets })
    const owner = await home.pair.ownerSecret({ origin: 'http://localhost:3000' })
    const client = home.profile().open()
    await client.start()
    await expect(client.claimOwner()).rejects.toMatchObject({ code: 'code_missing' })
    await expect(client.claimOwner('wrong')).rejects.toMatchObject({ code: 'code_invalid' })
    expect(client.getSnapshot()).toMatchObject({ status: 'unpaired' })
    const { session } = await client.claimOwner(owner?.link)
    expect(session?.scopes).toContain('access:write')
    expect((await client.fetch('/careful')).status).toBe(200)
    expect((await client.access.get()).admission.mode).toBe('approval')
    const late = home.profile().open()
    await expect(late.claimOwner(` ${owner?.secret}\n`)).rejects.toMatchObject({
      code: 'code_invalid',
    })
  })
})
