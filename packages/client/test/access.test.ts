import { describe, expect, test } from 'vitest'
import type { EventWire } from '@pair/core'
import { createHome, MINUTE, type Home, type Profile } from './kit/home.ts'

type Client = ReturnType<Profile['open']>

async function paired(): Promise<{ home: Home; client: Client }> {
  const home = createHome()
  const client = home.profile().open()
  await client.start()
  await client.redeem((await home.code()).secret)
  return { home, client }
}

describe('who has access', () => {
  test('is told at once, with this session marked', async () => {
    const { client } = await paired()
    const access = await client.access.get()
    expect(access.sessions).toMatchObject([{ id: client.getSnapshot().session?.id, current: true }])
    expect(access.devices).toMatchObject([{ label: 'A test', current: true }])
    expect(access.cursor).not.toBe('')
  })

  test('grows by a code that is issued here and typed there', async () => {
    const { home, client } = await paired()
    const issued = await client.access.issueCode({ label: 'Tablet', scopes: ['notes:read'] })
    expect(issued).toMatchObject({
      code: { label: 'Tablet', scopes: ['notes:read'] },
      typed: expect.stringMatching(/^.{3}-.{3}-.{3}$/) as string,
    })
    const other = home.profile({ label: 'Tablet' }).open()
    const { session } = await other.redeem(issued.typed)
    expect(session).toMatchObject({ scopes: ['notes:read'], device: { label: 'Tablet' } })
    expect((await client.access.get()).devices.map((device) => device.label).sort()).toEqual([
      'A test',
      'Tablet',
    ])
    await expect(other.access.get()).rejects.toMatchObject({
      code: 'insufficient_scope',
      scopes: ['access:read'],
    })
  })

  test('shrinks: codes, sessions, devices, others', async () => {
    const { home, client } = await paired()
    const others = await Promise.all(
      [1, 2, 3].map(async () => {
        const other = home.profile().open()
        await other.redeem((await client.access.issueCode()).link)
        return other
      }),
    )
    const [one, two, three] = others.map((other) => other.getSnapshot().session!)
    const { code, typed } = await client.access.issueCode()
    await client.access.revokeCode(code.id)
    await expect(home.profile().open().redeem(typed)).rejects.toMatchObject({
      code: 'code_invalid',
    })
    await client.access.narrowSession(one!.id, ['notes:read'])
    await others[0]!.start()
    expect(others[0]!.getSnapshot().session?.scopes).toEqual(['notes:read'])
    await client.access.revokeSession(one!.id)
    expect((await others[0]!.fetch('/notes')).status).toBe(401)
    await client.access.renameDevice(two!.device.id, 'Kitchen')
    expect((await client.access.get()).devices.map((device) => device.label)).toContain('Kitchen')
    await client.access.revokeDevice(two!.device.id)
    expect((await others[1]!.fetch('/notes')).status).toBe(401)
    await client.access.revokeOthers()
    expect((await others[2]!.fetch('/notes')).status).toBe(401)
    expect(three).toBeDefined()
    expect((await client.fetch('/notes')).status).toBe(200)
  })

  test('by ending all, this session or this device, one signs oneself out', async () => {
    const ways: ((client: Client) => Promise<void>)[] = [
      (client) => client.access.revokeAll(),
      (client) => client.access.revokeSession(client.getSnapshot().session!.id),
      (client) => client.access.revokeDevice(client.getSnapshot().session!.device.id),
    ]
    for (const way of ways) {
      const { client } = await paired()
      await way(client)
      expect(client.getSnapshot()).toMatchObject({ status: 'unpaired' })
      expect(client.getSnapshot().problem).toBeUndefined()
    }
  })

  test('is changed by nobody through an id that is a path', async () => {
    const { home, client } = await paired()
    home.log.length = 0
    await expect(client.access.revokeDevice('../sessions/revoke-all')).rejects.toMatchObject({
      status: 404,
    })
    expect(home.log).toEqual(['DELETE /auth/devices/..%2Fsessions%2Frevoke-all'])
    expect((await client.fetch('/notes')).status).toBe(200)
  })
})

describe('watching access', () => {
  test('hears each change behind the cursor, in order, and stops when told', async () => {
    const { home, client } = await paired()
    const { cursor } = await client.access.get()
    await client.access.issueCode({ label: 'before' })
    const heard: EventWire[] = []
    const stop = client.access.watch((event) => heard.push(event), undefined, { after: cursor })
    await expect.poll(() => heard.map((event) => event.type)).toEqual(['code.issued'])
    await home
      .profile()
      .open()
      .redeem((await home.code()).secret)
    await expect.poll(() => heard.length).toBeGreaterThan(2)
    const count = heard.length
    stop()
    await client.access.issueCode()
    await client.access.get()
    expect(heard).toHaveLength(count)
  })

  test('goes on behind the last event when the connection breaks, and misses nothing', async () => {
    const { home, client } = await paired()
    const asked: string[] = []
    home.between(async (request, next) => {
      if (!request.url.includes('/access/events')) return await next()
      asked.push(new URL(request.url).search)
      if (asked.length === 2) return new Response('<html>', { status: 502 })
      const response = await next()
      const wait = new TextEncoder().encode('retry: 1\n\n')
      let events = 0
      const cut = new TransformStream<Uint8Array, Uint8Array>({
        start: (controller) => controller.enqueue(wait),
        transform(piece, controller) {
          controller.enqueue(piece)
          events += new TextDecoder().decode(piece).split('event: change').length - 1
          if (events > 0 && asked.length === 1) controller.error(new TypeError('terminated'))
        },
      })
      return new Response(response.body?.pipeThrough(cut), response)
    })
    const { cursor } = await client.access.get()
    const heard: EventWire[] = []
    let resets = 0
    const watching = { after: cursor }
    const stop = client.access.watch(
      (event) => heard.push(event),
      () => resets++,
      watching,
    )
    const first = await client.access.issueCode()
    await expect.poll(() => asked.length).toBeGreaterThanOrEqual(3)
    const second = await client.access.issueCode()
    await expect
      .poll(() => heard.map((event) => event.codeId))
      .toEqual([first.code.id, second.code.id])
    expect(asked.slice(0, 3)).toEqual(
      [cursor, cursor, heard[0]?.id]
        .map((id) => `?after=${encodeURIComponent(id ?? '')}`)
        .with(1, asked[1]!),
    )
    expect(resets).toBe(0)
    stop()
  })

  test('without a cursor asks for a new look after each break', async () => {
    const { home, client } = await paired()
    let connections = 0
    home.between(async (request, next) => {
      if (!request.url.includes('/access/events')) return await next()
      connections++
      return new Response('retry: 1\n\n', { headers: { 'content-type': 'text/event-stream' } })
    })
    let resets = 0
    const stop = client.access.watch(
      () => undefined,
      () => resets++,
    )
    await expect.poll(() => resets).toBeGreaterThan(1)
    expect(connections).toBeGreaterThan(1)
    stop()
  })

  test('of a cursor that is too old asks for a new look, and goes on', async () => {
    const { client } = await paired()
    const heard: string[] = []
    const stop = client.access.watch(
      (event) => heard.push(event.type),
      () => heard.push('reset'),
      { after: '0000000000000000.x' },
    )
    await expect.poll(() => heard[0]).toBe('reset')
    await client.access.issueCode()
    await expect.poll(() => heard).toEqual(['reset', 'code.issued'])
    stop()
  })

  test('ends with the session, and the snapshot tells why', async () => {
    const { home, client } = await paired()
    const ended: string[] = []
    const { cursor } = await client.access.get()
    const heard: string[] = []
    client.access.watch((event) => heard.push(event.type), undefined, {
      after: cursor,
      onEnd: (problem) => ended.push(problem.code),
    })
    await client.access.issueCode()
    await expect.poll(() => heard).toContain('code.issued')
    await home.pair.devices.revoke(client.getSnapshot().session!.device.id)
    await expect.poll(() => ended).toEqual(['session_revoked'])
    expect(client.getSnapshot()).toMatchObject({
      status: 'blocked',
      problem: { code: 'session_revoked' },
    })
  })

  test('ends for who may not watch', async () => {
    const home = createHome()
    const client = home.profile().open()
    await client.redeem((await home.code(['notes:read'])).secret)
    const ended: unknown[] = []
    client.access.watch(() => undefined, undefined, { onEnd: (problem) => ended.push(problem) })
    await expect.poll(() => ended).toMatchObject([{ code: 'insufficient_scope', status: 403 }])
    expect(client.getSnapshot().status).toBe('paired')
  })

  test('that something else answers ends as a bad answer', async () => {
    const { home, client } = await paired()
    home.between(
      async () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
    )
    const ended: unknown[] = []
    client.access.watch(() => undefined, undefined, { onEnd: (problem) => ended.push(problem) })
    await expect.poll(() => ended).toMatchObject([{ code: 'bad_answer' }])
  })

  test('begins also when the credential ran out', async () => {
    const { home, client } = await paired()
    const { cursor } = await client.access.get()
    home.pass(16 * MINUTE)
    await home.pair.codes.issue({ scopes: ['notes:read'], origin: 'http://localhost:3000' })
    const heard: string[] = []
    const stop = client.access.watch((event) => heard.push(event.type), undefined, {
      after: cursor,
    })
    await expect.poll(() => heard).toContain('code.issued')
    stop()
  })

  test('a closed client watches no more', async () => {
    const { home, client } = await paired()
    let open = 0
    home.between(async (request, next) => {
      const response = await next()
      if (!request.url.includes('/access/events')) return response
      open++
      const watched = new TransformStream<Uint8Array, Uint8Array>({
        cancel: () => void open--,
      } as Transformer<Uint8Array, Uint8Array>)
      return new Response(response.body?.pipeThrough(watched), response)
    })
    client.access.watch(() => undefined)
    await expect.poll(() => open).toBe(1)
    client.close()
    await expect.poll(() => open).toBe(0)
  })
})
