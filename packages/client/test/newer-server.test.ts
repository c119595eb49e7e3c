import { describe, expect, test } from 'vitest'
import type { PairClient } from '../src/index.ts'
import { createDoor, createWaiter } from './kit/door.ts'
import { createHome, type Home } from './kit/home.ts'

type Words = Record<string, unknown>

/** Changes what the server answers on paths that end like this, as a newer one might. */
function newer(home: Home, path: string, change: (body: Words) => Words): void {
  home.between(async (request, next) => {
    const response = await next()
    if (!new URL(request.url).pathname.endsWith(path)) return response
    const body = change((await response.json()) as Words)
    const { status, headers } = response
    return Response.json(body, { status, headers })
  })
}

describe('APP-16 a server that is newer', () => {
  test('APP-16 may let newcomers in by a mode of another name: it is passed on', async () => {
    const home = createHome()
    newer(home, '/session', ({ server, ...body }) => ({
      ...body,
      mood: 'sunny',
      server: { ...(server as Words), version: 2, admission: 'invitation', moon: 'full' },
    }))
    const client = home.profile().open()
    expect(await client.start()).toMatchObject({
      status: 'unpaired',
      server: { version: 2, admission: 'invitation', moon: 'full' },
    })
    expect(await client.redeem((await home.code()).secret)).toMatchObject({ status: 'paired' })
  })

  test('APP-16 may have another word for waiting, and tell more of it', async () => {
    const door = await createDoor()
    const more = ({ approval, ...body }: Words): Words => ({
      ...body,
      status: body['status'] === 'authorized' ? 'authorized' : 'pending_quorum',
      ...(approval ? { approval: { ...approval, votes: [1, 2] }, retryAfter: 'soon' } : {}),
    })
    newer(door.home, '/request', more)
    const client = door.home.profile().open()
    expect(await client.request()).toMatchObject({ status: 'pending', approval: { votes: [1, 2] } })
    newer(door.home, '/claim', more)
    await door.home.restart()
    await door.approve()
    await expect.poll(() => client.getSnapshot().status, { timeout: 4_000 }).toBe('paired')
  })

  test('APP-16 may refuse a request by a code of another name: its sentence is shown, and nothing is asked again', async () => {
    const { door, client, profile } = await createWaiter()
    client.close()
    const again = profile.open()
    door.home.between(async (request, next) =>
      request.url.endsWith('/claim')
        ? Response.json(
            { code: 'approval_outvoted', detail: 'The others were against it.', votes: 3 },
            { status: 403 },
          )
        : await next(),
    )
    await again.start()
    await expect.poll(() => again.getSnapshot().status).toBe('unpaired')
    expect(again.getSnapshot().problem).toMatchObject({
      code: 'approval_outvoted',
      message: 'The others were against it.',
      hint: '',
    })
    expect(await profile.keyStore.loadPending()).toBeNull()
  })

  test('APP-16 may list requests in states and a mode of other names: they are passed on', async () => {
    const { door } = await createWaiter()
    newer(door.home, '/access', (body) => ({
      ...body,
      admission: { mode: 'invitation', stored: 'invitation', version: 'v', since: 1 },
      approvals: (body['approvals'] as Words[]).map((item) => ({
        ...item,
        state: 'postponed',
        kind: 'toaster',
      })),
      rooms: [],
    }))
    const access = await door.owner.access.get()
    expect(access).toMatchObject({
      admission: { mode: 'invitation', stored: 'invitation' },
      approvals: [{ state: 'postponed', kind: 'toaster', label: 'A test' }],
    })
  })

  test('APP-16 may answer a decision with a state of another name', async () => {
    const { door } = await createWaiter()
    newer(door.home, '/approve', (body) => ({ ...body, state: 'seconded' }))
    expect(await door.approve()).toMatchObject({ state: 'seconded' })
  })

  test('APP-16 may tell of changes and send events of other kinds', async () => {
    const { owner, home } = await createDoor()
    const change = JSON.stringify({ id: '7', type: 'approval.postponed', actor: { kind: 'moon' } })
    const body = `event: weather\ndata: rain\n\nid: c7\nevent: change\ndata: ${change}\n\n`
    let streams = 0
    home.between(async (request, next) =>
      request.url.includes('/access/events')
        ? new Response(++streams === 1 ? body : new ReadableStream<Uint8Array>(), {
            headers: { 'content-type': 'text/event-stream' },
          })
        : await next(),
    )
    const heard: string[] = []
    const stop = owner.access.watch(({ type }) => heard.push(type))
    await expect.poll(() => heard).toEqual(['approval.postponed'])
    stop()
  })
})

describe('APP-16 a server that is older', () => {
  const older = (home: Home): PairClient => {
    home.between(async (request, next) => {
      const { pathname } = new URL(request.url)
      if (/\/(request|claim|withdraw|claim-owner)$/.test(pathname))
        return Response.json(
          { code: 'not_found', detail: 'There is nothing here.' },
          { status: 404 },
        )
      const response = await next()
      if (!pathname.endsWith('/session')) return response
      const body = (await response.json()) as { server: Words }
      delete body.server['admission']
      return Response.json(body, response)
    })
    return home.profile().open()
  }

  test('APP-16 is paired with by a code as ever, and knows no requests', async () => {
    const home = createHome()
    const client = older(home)
    expect(await client.start()).toMatchObject({ status: 'unpaired' })
    expect(client.getSnapshot().server?.admission).toBeUndefined()
    await expect(client.request()).rejects.toMatchObject({ code: 'not_found', status: 404 })
    expect(client.getSnapshot()).toMatchObject({
      status: 'unpaired',
      problem: { message: 'There is nothing here.' },
    })
    expect(await client.redeem((await home.code()).secret)).toMatchObject({ status: 'paired' })
  })
})
