import { describe, expect, test } from 'vitest'
import { CODE, createBrowsers } from './kit/browser.ts'

const browser = createBrowsers()

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

test('a page that was closed logs out without telling anybody', async () => {
  const { open } = browser()
  const client = open()
  await client.redeem(CODE)
  client.close()
  await expect(client.logout()).resolves.toBeUndefined()
})

test('CLT-03 a tab that asked just before another one paired asks again', async () => {
  const { server, open } = browser()
  const [one, other] = [open(), open()]
  await Promise.all([one.start(), other.start()])
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  server.after(() => held)
  const asking = other.start()
  await expect.poll(() => server.log.length).toBe(3)
  server.after(undefined)
  const channel = new BroadcastChannel('pair:http://localhost:3000/auth')
  const heard = new Promise((resolve) => (channel.onmessage = resolve))
  await one.redeem(CODE)
  await heard
  channel.close()
  release()
  await asking
  await expect.poll(() => other.getSnapshot().status).toBe('paired')
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
