import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  createPairClient,
  indexedDbKeyStore,
  type PairClient,
  type PairClientOptions,
} from '../src/index.ts'
import { createPageServer, type PageServer } from './kit/page-server.ts'

const CODE = 'AbCdEfGhIjKlMnOpQrSt_-'
const here = location.href
const opened: PairClient[] = []
let names = 0

afterEach(() => {
  for (const client of opened.splice(0)) client.close()
  history.replaceState(null, '', here)
  vi.unstubAllGlobals()
})

/** A server, and pages that share IndexedDB and channels, as tabs of one browser do. */
function browser(): { server: PageServer; open: (options?: PairClientOptions) => PairClient } {
  const server = createPageServer(indexedDbKeyStore(`pages-${Date.now()}-${names++}`))
  server.codes.add(CODE)
  return {
    server,
    open(options) {
      const client = server.open(options)
      opened.push(client)
      return client
    },
  }
}

const away = (): never => {
  throw new TypeError('Failed to fetch')
}

describe('CLT-02 the code of a link', () => {
  test('CLT-02 is out of the address bar before anything is sent, and waits for the click', async () => {
    const { server, open } = browser()
    const url = new URL(here)
    url.searchParams.set('keep', 'a b')
    url.hash = `code=${CODE}&tab=2`
    history.replaceState({ router: 1 }, '', url)
    const addresses: string[] = []
    server.before(() => void addresses.push(location.href))
    const client = open()
    const starting = client.start()
    expect(location.href).not.toContain(CODE)
    expect(location.hash).toBe('#tab=2')
    expect(new URL(location.href).searchParams.get('keep')).toBe('a b')
    expect(history.state).toEqual({ router: 1 })
    expect(await starting).toMatchObject({ status: 'unpaired', linkCode: true })
    expect(server.log).toEqual(['GET /auth/session'])
    expect(await client.redeem()).toMatchObject({ status: 'paired', linkCode: false })
    expect(addresses.length).toBeGreaterThan(1)
    expect(addresses.join()).not.toContain(CODE)
    expect(server.log.filter((line) => line === 'POST /auth/redeem')).toHaveLength(1)
  })

  test('CLT-02 is read from the query too', async () => {
    const { open } = browser()
    history.replaceState(null, '', `?keep=1&code=${CODE}`)
    const client = open()
    expect(await client.start()).toMatchObject({ linkCode: true })
    expect(location.search).toBe('?keep=1')
    expect(await client.redeem()).toMatchObject({ status: 'paired' })
  })

  test('CLT-02 is not spent by a visitor who is paired, and is forgotten', async () => {
    const { server, open } = browser()
    await open().redeem(CODE)
    server.codes.add(CODE)
    history.replaceState(null, '', `#code=${CODE}`)
    const client = open()
    expect(await client.start()).toMatchObject({ status: 'paired', linkCode: false })
    expect(location.href).not.toContain(CODE)
    await expect(client.redeem()).rejects.toMatchObject({ code: 'code_missing' })
    expect([...server.codes]).toEqual([CODE])
  })

  test('CLT-02 is kept while the server is away, and forgotten once it is refused', async () => {
    const { server, open } = browser()
    const client = open()
    history.replaceState(null, '', `#code=${CODE}`)
    server.before(away)
    expect(await client.start()).toMatchObject({ status: 'offline', linkCode: true })
    await expect(client.redeem()).rejects.toMatchObject({ code: 'offline' })
    expect(client.getSnapshot()).toMatchObject({ status: 'unpaired', linkCode: true })
    server.before(undefined)
    server.codes.clear()
    await expect(client.redeem()).rejects.toMatchObject({ code: 'code_invalid' })
    expect(client.getSnapshot()).toMatchObject({ status: 'unpaired', linkCode: false })
  })

  test('CLT-02 is heard when it is pasted into the address bar of a page that is open', async () => {
    const { open } = browser()
    const client = open()
    await client.start()
    location.hash = `code=${CODE}`
    await expect.poll(() => client.getSnapshot().linkCode).toBe(true)
    expect(location.href).not.toContain(CODE)
    expect(await client.redeem()).toMatchObject({ status: 'paired' })
  })

  test('CLT-02 of another protocol in the query is left alone', async () => {
    const { open } = browser()
    history.replaceState(null, '', '?code=4/0AeanS0a&state=xyz')
    expect(await open().start()).toMatchObject({ linkCode: false })
    expect(location.search).toBe('?code=4/0AeanS0a&state=xyz')
  })
})

describe.each(['cookie', 'dpop'] as const)('CLT-03 tabs of one origin, by %s', (transport) => {
  test('CLT-03 learn of sign-in and sign-out without being asked', async () => {
    const { open } = browser()
    const [one, other] = [open({ transport }), open({ transport })]
    await Promise.all([one.start(), other.start()])
    expect((await other.fetch('/notes')).status).toBe(401)
    const { session } = await one.redeem(CODE)
    await expect
      .poll(() => other.getSnapshot())
      .toMatchObject({ status: 'paired', session: { id: session?.id } })
    expect((await other.fetch('/notes')).status).toBe(200)
    expect((await one.fetch('/notes')).status).toBe(200)
    await other.logout()
    await expect.poll(() => one.getSnapshot().status).toBe('unpaired')
    expect((await one.fetch('/notes')).status).toBe(401)
  })

  test('CLT-03 that pair at once end as one device', async () => {
    const { server, open } = browser()
    server.codes.add('another')
    const tabs = [open({ transport }), open({ transport })]
    await Promise.all(tabs.map((tab) => tab.start()))
    await Promise.all([tabs[0]?.redeem(CODE), tabs[1]?.redeem('another')])
    const snapshots = await Promise.all(tabs.map((tab) => tab.start()))
    expect(snapshots).toMatchObject([{ status: 'paired' }, { status: 'paired' }])
    const [first, second] = snapshots.map((snapshot) => snapshot.session?.device.thumbprint)
    expect(first).toMatch(/^[\w-]{43}$/)
    expect(second).toBe(first)
  })

  test('CLT-03 forget the code of their links when another tab has paired', async () => {
    const { open } = browser()
    const one = open({ transport })
    await one.start()
    history.replaceState(null, '', '#code=of-a-link')
    const other = open({ transport })
    expect(await other.start()).toMatchObject({ status: 'unpaired', linkCode: true })
    await one.redeem(CODE)
    await expect
      .poll(() => other.getSnapshot())
      .toMatchObject({ status: 'paired', linkCode: false })
  })
})

test('CLT-03 tabs of another server hear nothing', async () => {
  const [one, other] = [browser(), browser()]
  const stranger = other.open({ basePath: '/other' })
  const client = one.open()
  await Promise.all([client.start(), stranger.start()])
  other.server.log.length = 0
  await client.redeem(CODE)
  await client.start()
  expect(other.server.log).toEqual([])
})

test('POP-04 a page that is opened again is known by the key that it kept', async () => {
  const { open } = browser()
  const first = open({ transport: 'dpop' })
  const { session } = await first.redeem(CODE)
  first.close()
  const again = open({ transport: 'dpop' })
  expect(await again.start()).toMatchObject({ status: 'paired', session: { id: session?.id } })
  expect((await again.fetch('/notes')).status).toBe(200)
})

test('POP-04 a page whose data was cleared but for the cookie says that the key is lost', async () => {
  const { open } = browser()
  await open().redeem(CODE)
  const client = open({ keyStore: indexedDbKeyStore(`empty-${Date.now()}`) })
  expect(await client.start()).toMatchObject({ status: 'blocked', problem: { code: 'key_lost' } })
})

describe('a page that may not sign, since its connection is not secure', () => {
  test('pairs without a key where the server allows it', async () => {
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
    const { server, open } = browser()
    const client = open()
    const { session } = await client.redeem(CODE)
    expect(session?.device.thumbprint).toBeNull()
    expect(await client.start()).toMatchObject({ status: 'paired' })
    expect(server.log).not.toContain('POST /auth/renew')
  })

  test('is told so before a code is spent on the transport dpop', async () => {
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
    const { server, open } = browser()
    const refused = open({ transport: 'dpop' }).redeem(CODE)
    await expect(refused).rejects.toMatchObject({ code: 'insecure_context' })
    expect(server.log).toEqual([])
  })
})

test('a page that comes back online looks again', async () => {
  const { server, open } = browser()
  const client = open()
  server.before(away)
  expect(await client.start()).toMatchObject({ status: 'offline' })
  server.before(undefined)
  dispatchEvent(new Event('online'))
  await expect.poll(() => client.getSnapshot().status).toBe('unpaired')
})

test('a page needs no options: it is a browser, its server is its origin, and it pairs by cookie', async () => {
  const sent: Request[] = []
  const client = createPairClient({
    fetch: async (input, init) => {
      sent.push(new Request(input, init))
      return new Response(null, { status: 503 })
    },
  })
  opened.push(client)
  await client.start()
  await client.redeem('AAA-AAA-AAA').catch(() => undefined)
  const urls = ['session', 'redeem'].map((route) => `${location.origin}/auth/${route}`)
  expect(sent.map((request) => request.url)).toEqual(urls)
  expect(sent.map((request) => request.credentials)).toEqual(['same-origin', 'same-origin'])
  expect(await sent[1]?.json()).toMatchObject({
    transport: 'cookie',
    device: { kind: 'browser', label: expect.stringMatching(/^Chrome on /) as string },
  })
})
