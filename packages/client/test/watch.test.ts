import { describe, expect, test } from 'vitest'
import type { EventWire } from '@pair/core'
import { createHome, MINUTE, pairedHome } from './kit/home.ts'

describe('watching access', () => {
  test('hears each change behind the cursor, in order, and stops when told', async () => {
    const { home, client } = await pairedHome()
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

  test('goes on behind the last event when the connection breaks or ends, and misses nothing', async () => {
    const { home, client } = await pairedHome()
    const asked: string[] = []
    const change = (id: string): string => `id: ${id}\nevent: change\ndata: {"id":"${id}"}\n\n`
    const stream = (body: BodyInit): Response =>
      new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    const open = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(change('c2'))),
    })
    const answers = [
      () => stream(`retry: 1\n\n${change('c1')}id: lost\nevent: change\ndata: {"id"`),
      () => new Response('<html>', { status: 502 }),
      () => stream('event: end\ndata: {"code":"store_unavailable"}\n\n'),
      () => stream(open),
    ]
    home.between(async (request, next) => {
      if (!request.url.includes('/access/events')) return await next()
      asked.push(new URL(request.url).search)
      return answers[asked.length - 1]?.() ?? (await next())
    })
    const heard: string[] = []
    let resets = 0
    const stop = client.access.watch(
      ({ id }) => heard.push(id),
      () => resets++,
      { after: 'c 0' },
    )
    await expect.poll(() => heard).toEqual(['c1', 'c2'])
    expect(asked).toEqual(['?after=c%200', '?after=c1', '?after=c1', '?after=c1'])
    expect(resets).toBe(0)
    stop()
  })

  test('without a cursor asks for a new look after each break', async () => {
    const { home, client } = await pairedHome()
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
    const { client } = await pairedHome()
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
    const { home, client } = await pairedHome()
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
    const { home, client } = await pairedHome()
    home.between(
      async () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
    )
    const ended: unknown[] = []
    client.access.watch(() => undefined, undefined, { onEnd: (problem) => ended.push(problem) })
    await expect.poll(() => ended).toMatchObject([{ code: 'bad_answer' }])
  })

  test('begins also when the credential ran out', async () => {
    const { home, client } = await pairedHome()
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
    const { home, client } = await pairedHome()
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
