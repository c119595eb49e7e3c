import { describe, expect, test } from 'vitest'
import { indexedDbKeyStore, type PairClient } from '../src/index.ts'
import { CODE, createBrowsers } from './kit/browser.ts'

const browser = createBrowsers()

const claims = (log: string[]): number => log.filter((line) => line.endsWith('/claim')).length
const settled = { timeout: 8_000 }

function record(client: PairClient): string[] {
  const seen: string[] = []
  client.subscribe(() => seen.push(client.getSnapshot().status))
  return seen
}

describe.each(['cookie', 'dpop'] as const)('tabs of a device that waits, by %s', (transport) => {
  test('APP-11 all show the match code, one of them asks, and all are in when it is approved', async () => {
    const { server, open } = browser()
    const tabs = [open({ transport }), open({ transport }), open({ transport })]
    await Promise.all(tabs.map((tab) => tab.start()))
    expect(await tabs[0]?.request()).toMatchObject({ status: 'pending' })
    for (const tab of tabs)
      await expect
        .poll(() => tab.getSnapshot())
        .toMatchObject({ status: 'pending', approval: { matchCode: '123 456' } })
    await expect.poll(() => claims(server.log)).toBe(1)
    expect(server.desk.most).toBe(1)
    server.desk.decide('approved')
    for (const tab of tabs) {
      await expect.poll(() => tab.getSnapshot().status, settled).toBe('paired')
      expect((await tab.fetch('/notes')).status).toBe(200)
    }
    expect(new Set(tabs.map((tab) => tab.getSnapshot().session?.id)).size).toBe(1)
  })

  test('CLT-04 all are told when it is turned away', async () => {
    const { server, open } = browser()
    const tabs = [open({ transport }), open({ transport })]
    await Promise.all(tabs.map((tab) => tab.start()))
    await tabs[1]?.request()
    await expect.poll(() => tabs[0]?.getSnapshot().status).toBe('pending')
    server.desk.decide('rejected')
    for (const tab of tabs)
      await expect
        .poll(() => tab.getSnapshot(), settled)
        .toMatchObject({ status: 'blocked', problem: { code: 'approval_rejected' } })
    expect(server.log).not.toContain('POST /auth/renew')
  })
})

test('APP-11 a request survives a reload: another opening of the same database goes on with it', async () => {
  const { server, open } = browser()
  const client = open()
  await client.start()
  await client.request()
  client.close()
  const again = open()
  const seen = record(again)
  expect(await again.start()).toMatchObject({
    status: 'pending',
    approval: { id: 'apr_1', matchCode: '123 456' },
  })
  server.desk.decide('approved')
  await expect.poll(() => again.getSnapshot().status, settled).toBe('paired')
  expect(seen[0]).toBe('pending')
  again.close()
  expect(await open().start()).toMatchObject({ status: 'paired' })
})

test('CLT-03 a tab that knows of no request learns that another one was let in', async () => {
  const { server, keyStore, open } = browser()
  const loadPending = (): Promise<null> => Promise.resolve(null)
  const [one, other] = [open(), open({ keyStore: { ...keyStore, loadPending } })]
  await Promise.all([one.start(), other.start()])
  await one.request()
  // the other has looked since, and saw nothing
  await expect.poll(() => server.log.filter((line) => line.endsWith('/session')).length).toBe(3)
  await other.start()
  expect(other.getSnapshot().status).toBe('unpaired')
  server.desk.decide('approved')
  await expect.poll(() => other.getSnapshot().status, settled).toBe('paired')
})

test('the code of a link is kept while its request waits, and forgotten once it was turned away', async () => {
  const { server, open } = browser()
  server.desk.confirms = true
  history.replaceState(null, '', `#code=${CODE}`)
  const client = open()
  await client.start()
  expect(await client.redeem()).toMatchObject({ status: 'pending', linkCode: true })
  server.desk.decide('rejected')
  await expect
    .poll(() => client.getSnapshot(), settled)
    .toMatchObject({ status: 'blocked', linkCode: false })
})

test('CLT-04 a page that waits and comes back online looks again', async () => {
  const { server, open } = browser()
  const client = open()
  await client.request()
  client.close()
  server.before(() => {
    throw new TypeError('Failed to fetch')
  })
  const again = open()
  expect(await again.start()).toMatchObject({ status: 'pending', problem: { code: 'offline' } })
  server.before(undefined)
  server.log.length = 0
  dispatchEvent(new Event('online'))
  await expect.poll(() => server.log).toContain('GET /auth/session')
  await expect.poll(() => again.getSnapshot().problem).toBeUndefined()
  expect(again.getSnapshot().status).toBe('pending')
})

test('what one tab takes back, no other goes on with', async () => {
  const { open } = browser()
  const [one, other] = [open(), open()]
  await Promise.all([one.start(), other.start()])
  await one.request()
  await expect.poll(() => other.getSnapshot().status).toBe('pending')
  expect(await other.withdraw()).toMatchObject({ status: 'unpaired' })
  await expect.poll(() => one.getSnapshot().status, settled).toBe('unpaired')
  expect(await open().start()).toMatchObject({ status: 'unpaired' })
})

test('a tab that is closed leaves the asking to another', async () => {
  const { server, open } = browser()
  const [one, other] = [open(), open()]
  await Promise.all([one.start(), other.start()])
  await one.request()
  await expect.poll(() => other.getSnapshot().status).toBe('pending')
  await expect.poll(() => claims(server.log)).toBe(1)
  one.close()
  await expect.poll(() => claims(server.log)).toBe(2)
  server.desk.decide('approved')
  await expect.poll(() => other.getSnapshot().status, settled).toBe('paired')
})

test('a request is kept beside the key: forgotten by its own claim only, and by no other server', async () => {
  const name = `kept-${Date.now()}`
  const store = indexedDbKeyStore(name)
  const approval = {
    id: 'apr_1',
    matchCode: '123 456',
    label: 'A page',
    scopes: ['notes:read'],
    requestedAt: '',
    expiresAt: '',
  }
  expect(await store.loadPending()).toBeNull()
  await store.dropPending('one')
  await store.keepPending({ approval, claim: 'one' })
  expect(await indexedDbKeyStore(name).loadPending()).toEqual({ approval, claim: 'one' })
  expect(await indexedDbKeyStore(`${name}-other`).loadPending()).toBeNull()
  expect(await store.load()).toBeNull()
  await store.keepPending({ approval, claim: 'two' })
  await store.dropPending('one')
  expect(await store.loadPending()).toMatchObject({ claim: 'two' })
  await store.dropPending('two')
  expect(await store.loadPending()).toBeNull()
})

test('the link of the first owner is out of the address bar before anything is sent, and waits for the click', async () => {
  const { open } = browser()
  const url = new URL(location.href)
  url.hash = 'owner=of-the-first-start&tab=2'
  history.replaceState(null, '', url)
  let address: string | undefined
  const sent: string[] = []
  const client = open({
    fetch: async (input, init) => {
      address ??= location.href
      sent.push(await new Request(input, init).text())
      return new Response(null, { status: 503 })
    },
  })
  expect(await client.start()).toMatchObject({
    status: 'offline',
    linkOwner: true,
    linkCode: false,
  })
  expect(address).not.toContain('owner')
  expect(location.hash).toBe('#tab=2')
  expect(sent).toEqual([''])
  await expect(client.claimOwner()).rejects.toMatchObject({ status: 503 })
  expect(JSON.parse(sent[1] ?? '')).toMatchObject({
    secret: 'of-the-first-start',
    device: { kind: 'browser' },
    transport: 'cookie',
  })
  // it may have been spent, or not: the person may try again
  expect(client.getSnapshot().linkOwner).toBe(true)
})
