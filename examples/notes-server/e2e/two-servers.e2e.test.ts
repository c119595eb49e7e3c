import { createPairClient, type PairClient } from '@pair/client'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from './proxy.ts'
import { newFolder, startServer, type RunningServer, type Setup } from './server.ts'

/** Two processes on one SQLite file, each on a framework of its own. */
async function startTwo(): Promise<{ hono: RunningServer; express: RunningServer }> {
  const DATA = await newFolder()
  const start = async (framework: Setup['framework']): Promise<RunningServer> => {
    const PORT = String(await freePort())
    // With a public URL it believes what a proxy on this computer says of addresses.
    const env = { DATA, PORT, PUBLIC_URL: `http://127.0.0.1:${PORT}` }
    return startServer({ framework, store: 'sqlite' }, env)
  }
  return { hono: await start('hono'), express: await start('express') }
}

/** A device that comes by a proxy, from that address: from one alone so many would be too many in a minute. */
async function newDevice(origin: string, code: string, address = '192.0.2.1'): Promise<PairClient> {
  const forwarded: typeof fetch = (input, init) => {
    const request = new Request(input, init)
    request.headers.set('x-forwarded-for', address)
    return fetch(request)
  }
  const device = createPairClient({ baseUrl: origin, fetch: forwarded })
  onTestFinished(() => device.close())
  await device.redeem(code)
  return device
}

/** A promise of the instant at which the device's socket is closed. */
async function watchSocket(device: PairClient): Promise<{ ended: Promise<number> }> {
  const socket = await device.openSocket('/live')
  await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }))
  const ended = new Promise<number>((resolve) =>
    socket.addEventListener('close', ({ code }) => {
      expect.soft(code).toBe(4003)
      resolve(performance.now())
    }),
  )
  return { ended }
}

/** The same of its stream of events. */
async function watchStream(device: PairClient): Promise<{ ended: Promise<number> }> {
  const events = await device.fetch('/auth/access/events')
  expect(events.headers.get('content-type')).toContain('text/event-stream')
  const reader = events.body!.getReader()
  await reader.read()
  const ended = (async () => {
    while (!(await reader.read()).done);
    return performance.now()
  })()
  return { ended }
}

/** The same of its requests, one after another. */
async function watchRequests(device: PairClient): Promise<{ ended: Promise<number> }> {
  const ask = async (): Promise<number> => (await device.fetch('/api/notes')).status
  expect(await ask()).toBe(200)
  const ended = (async () => {
    while ((await ask()) === 200);
    const instant = performance.now()
    expect.soft(await ask()).toBe(401)
    return instant
  })()
  return { ended }
}

/** How long after its revoke at the owner's server each of them ended at the other. Milliseconds. */
async function revokeAcross(owner: PairClient, there: string, round: number): Promise<number[]> {
  const join = async (): Promise<PairClient> => {
    const { typed } = await owner.access.issueCode({ scopes: ['notes:read', 'access:read'] })
    return await newDevice(there, typed, `198.51.100.${round}`)
  }
  // The one with socket and stream is quiet: nothing that it asks tells its server of the revoke.
  const quiet = await join()
  const busy = await join()
  const watched = [await watchSocket(quiet), await watchStream(quiet), await watchRequests(busy)]
  const since = performance.now()
  for (const device of [quiet, busy])
    await owner.access.revokeDevice(device.getSnapshot().session!.device.id)
  const ended = await Promise.all(watched.map((one) => one.ended))
  return ended.map((instant) => Math.round(instant - since))
}

/** The cookie of a device that is paired at this server, as a browser sends it. */
async function pairForCookie({ origin, typed }: RunningServer): Promise<[string, string]> {
  const answer = await fetch(`${origin}/auth/redeem`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: typed }),
  })
  const [name = '', value = ''] = answer.headers.getSetCookie()[0]!.split(';')[0]!.split('=')
  return [name, value]
}

async function statusWith(origin: string, name: string, value: string): Promise<number> {
  return (await fetch(`${origin}/api/notes`, { headers: { cookie: `${name}=${value}` } })).status
}

test.each([
  ['hono', 'express'],
  ['express', 'hono'],
] as const)(
  'SES-12 a device that is revoked at %s loses socket, stream and requests at %s, another process on one SQLite file, within a second (sqlite)',
  async (here, there) => {
    const servers = await startTwo()
    const owner = await newDevice(servers[here].origin, servers[here].typed)
    const worst = [0, 0, 0]
    for (let round = 1; round <= 8; round++)
      for (const [at, ms] of (await revokeAcross(owner, servers[there].origin, round)).entries())
        worst[at] = Math.max(worst[at]!, ms)
    const [socket, stream, request] = worst
    console.log(
      `Revoked at ${here}, of eight rounds the slowest end at ${there}: socket ${socket} ms, stream ${stream} ms, requests ${request} ms.`,
    )
    expect(Math.max(...worst)).toBeLessThanOrEqual(1_000)
  },
)

test('two servers with one secret and one file are one instance: each takes the cookie of the other', async () => {
  const { hono, express } = await startTwo()
  const [name, value] = await pairForCookie(hono)
  const [otherName, otherValue] = await pairForCookie(express)
  expect(otherName).toBe(name)
  expect(await statusWith(express.origin, name, value)).toBe(200)
  expect(await statusWith(hono.origin, name, otherValue)).toBe(200)
})

test('SES-13 of two servers of one host with secrets of their own neither takes the cookie of the other', async () => {
  const hono = await startServer({ framework: 'hono', store: 'sqlite' })
  const express = await startServer({ framework: 'express', store: 'sqlite' })
  const [name, value] = await pairForCookie(hono)
  const [otherName, otherValue] = await pairForCookie(express)
  expect(otherName).not.toBe(name)
  expect(await statusWith(hono.origin, name, value)).toBe(200)
  expect(await statusWith(express.origin, otherName, otherValue)).toBe(200)
  for (const named of [name, otherName]) {
    expect(await statusWith(express.origin, named, value)).toBe(401)
    expect(await statusWith(hono.origin, named, otherValue)).toBe(401)
  }
})
