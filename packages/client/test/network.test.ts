import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { createPair, memoryStore, type Pair } from '@pair/core'
import { createPairClient, type PairClient } from '../src/index.ts'

const servers: Server[] = []
const clients: PairClient[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

interface Place {
  pair: Pair
  origin: string
  /** A process with this package's defaults: the platform's fetch, a key in memory, the transport dpop. */
  client: PairClient
  code(): Promise<string>
}

/** The real server behind a real socket. */
async function place(): Promise<Place> {
  const pair: Pair = createPair({
    secret: 'a secret for tests, of 32 bytes or more: 0123456789',
    store: memoryStore(),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  })
  const server = createServer((incoming, outgoing) => {
    void answer(pair, toRequest(incoming)).then(async (response) => {
      outgoing.writeHead(response.status, [...response.headers].flat())
      outgoing.flushHeaders()
      for await (const piece of response.body ?? []) outgoing.write(piece)
      outgoing.end()
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = createPairClient({ baseUrl: origin })
  clients.push(client)
  const scopes = ['access:read', 'access:write'] as const
  const code = async (): Promise<string> =>
    (await pair.codes.issue({ scopes: [...scopes], origin })).link
  return { pair, origin, client, code }
}

async function answer(pair: Pair, request: Request): Promise<Response> {
  const ours = await pair.handler(request)
  if (ours) return ours
  const { pathname, origin } = new URL(request.url)
  if (pathname === '/moved')
    return new Response(null, { status: 307, headers: { location: `${origin}/notes` } })
  const guarded = await pair.guard(request, undefined, {})
  return guarded.ok ? new Response(`heard ${await request.text()}`) : guarded.response
}

function toRequest(incoming: IncomingMessage): Request {
  const method = incoming.method ?? 'GET'
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ])
  const body =
    method === 'GET' ? {} : { body: Readable.toWeb(incoming) as BodyInit, duplex: 'half' }
  return new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method,
    headers,
    ...body,
  } as RequestInit)
}

test('a process pairs with its defaults, calls, streams a body, and logs out', async () => {
  const { client, code, origin } = await place()
  expect(await client.start()).toMatchObject({ status: 'unpaired' })
  const { session } = await client.redeem(await code())
  expect(session).toMatchObject({ transport: 'dpop', device: { kind: 'app' } })
  expect(await (await client.fetch('/notes', { method: 'POST', body: 'a note' })).text()).toBe(
    'heard a note',
  )
  const stream = { method: 'POST', body: new Blob(['a stream']).stream(), duplex: 'half' }
  expect(await (await client.fetch(`${origin}/notes`, stream)).text()).toBe('heard a stream')
  await client.logout()
  expect((await client.fetch('/notes')).status).toBe(401)
})

test('the stream of changes arrives as it happens, and ends when told', async () => {
  const { client, code, pair } = await place()
  await client.redeem(await code())
  const { cursor } = await client.access.get()
  const heard: string[] = []
  const stop = client.access.watch((event) => heard.push(event.type), undefined, { after: cursor })
  await client.access.issueCode({ scopes: ['access:read'] })
  await expect.poll(() => heard).toEqual(['code.issued'])
  stop()
  await pair.codes.issue({ scopes: ['access:read'], origin: 'http://localhost' })
  await client.access.get()
  expect(heard).toEqual(['code.issued'])
})

test('a signed request that is sent elsewhere stops there', async () => {
  const { client, code } = await place()
  expect((await client.fetch('/moved')).status).toBe(401)
  await client.redeem(await code())
  await expect(client.fetch('/moved')).rejects.toMatchObject({ code: 'redirected', status: 307 })
})

test('NET-05 a server that is gone is offline', async () => {
  const { client, code } = await place()
  await client.redeem(await code())
  const server = servers.pop()
  server?.closeAllConnections()
  await new Promise((resolve) => server?.close(resolve))
  expect(await client.start()).toMatchObject({
    status: 'offline',
    session: {},
    problem: { code: 'offline' },
  })
  await expect(client.fetch('/notes')).rejects.toMatchObject({ code: 'offline', cause: {} })
})
