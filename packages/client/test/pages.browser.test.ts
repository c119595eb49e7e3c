import { afterEach, describe, expect, test, vi } from 'vitest'
import { createPairClient, indexedDbKeyStore } from '../src/index.ts'
import { CODE, createBrowsers } from './kit/browser.ts'

const browser = createBrowsers()
afterEach(() => vi.unstubAllGlobals())

const away = (): never => {
  throw new TypeError('Failed to fetch')
}

describe('CLT-02 the code of a link', () => {
  test('CLT-02 is out of the address bar before anything is sent, and waits for the click', async () => {
    const { server, open } = browser()
    const url = new URL(location.href)
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

  test('CLT-02 is not kept when it is pasted into a page that is paired', async () => {
    const { open } = browser()
    const client = open()
    await client.redeem(CODE)
    location.hash = 'code=another'
    await expect.poll(() => location.hash).toBe('')
    expect(client.getSnapshot()).toMatchObject({ status: 'paired', linkCode: false })
    expect(await client.start()).toMatchObject({ status: 'paired', linkCode: false })
  })

  test('CLT-02 of another protocol in the query is left alone', async () => {
    const { open } = browser()
    history.replaceState(null, '', '?code=4/0AeanS0a&state=xyz')
    expect(await open().start()).toMatchObject({ linkCode: false })
    expect(location.search).toBe('?code=4/0AeanS0a&state=xyz')
  })
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
  await client.start()
  await client.redeem('AAA-AAA-AAA').catch(() => undefined)
  // where the answer may be what was lost, the key asks once more, and then whether it was let in
  const routes = ['session', 'redeem', 'redeem', 'renew']
  const urls = routes.map((route) => `${location.origin}/auth/${route}`)
  expect(sent.map((request) => request.url)).toEqual(urls)
  expect(new Set(sent.map((request) => request.credentials))).toEqual(new Set(['same-origin']))
  expect(await sent[1]?.json()).toMatchObject({
    transport: 'cookie',
    device: { kind: 'browser', label: expect.stringMatching(/^Chrome on /) as string },
  })
})
