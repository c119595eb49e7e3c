import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { findNginx, nginxMend, startNginx } from './nginx.ts'
import { createGuest, forgery, HOST, startSite, tally, type Guest } from './site.ts'

const WRONG = '222-222-222'
const TURNED = { '401 code_invalid': 8, '429 rate_limited': 992 }

/** What everybody copies: the client is added to what is there. */
const APPENDS = [
  'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
  'proxy_set_header Host $host;',
]
const HOST_ALONE = ['proxy_set_header Host $host;']
const NOTHING: string[] = []

beforeEach(({ skip }) => {
  // the guests' addresses, 127.0.0.2 and on
  if (process.platform !== 'linux') skip('all of 127.0.0.0/8 is this machine on Linux alone')
  if (findNginx() !== null) return
  if (process.env['CI']) throw new Error(nginxMend)
  skip(nginxMend)
})

/** A thousand wrong codes of one guest, eight at a time, each with other forged headers. */
async function thousand(guest: Guest, headers = forgery): Promise<Record<string, number>> {
  const answers: string[] = []
  let next = 0
  const line = async (): Promise<void> => {
    while (next < 1_000) answers.push(await guest.redeem(WRONG, headers(next++)))
  }
  await Promise.all(Array.from({ length: 8 }, line))
  return tally(answers)
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pair-nginx-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

describe('behind an nginx that was declared', () => {
  test.each([
    ['as one hop', { hops: 1 }, APPENDS, '127.0.0.1'],
    [
      'by its address',
      { cidrs: ['127.0.0.9'] },
      [...APPENDS, 'proxy_bind 127.0.0.9;'],
      '127.0.0.1',
    ],
    [
      'as one hop, and writes the header anew',
      { hops: 1 },
      ['proxy_set_header X-Forwarded-For $remote_addr;', 'proxy_set_header Host $host;'],
      '127.0.0.1',
    ],
  ])(
    'LIM-06 %s, 1,000 forged headers leave a guest where he is, and others come in',
    async (_, proxy, directives, address) => {
      const site = await startSite({ proxy })
      const { port } = await startNginx({ to: site.to, directives })
      expect(await thousand(createGuest({ port }))).toEqual(TURNED)
      expect([...new Set(site.refused)]).toEqual([address])
      expect(site.refused).toHaveLength(1_000)
      const other = createGuest({ port, from: '127.0.0.2' })
      expect(await other.redeem(await site.code())).toBe('200')
      expect(await other.redeem(WRONG)).toBe('401 code_invalid')
      expect(site.refused.at(-1)).toBe('127.0.0.2')
      expect(site.logged).toEqual([])
    },
  )

  test('LIM-06 two in a row are two hops, for who forges and for who comes in by the inner one', async () => {
    const site = await startSite({ proxy: { hops: 2 } })
    const inner = await startNginx({ to: site.to, directives: APPENDS })
    const outer = await startNginx({
      to: inner.origin,
      directives: [...APPENDS, 'proxy_bind 127.0.0.8;'],
    })
    expect(await thousand(createGuest({ port: outer.port, from: '127.0.0.3' }))).toEqual(TURNED)
    expect([...new Set(site.refused)]).toEqual(['127.0.0.3'])
    const other = createGuest({ port: outer.port, from: '127.0.0.4' })
    expect(await other.redeem(await site.code())).toBe('200')
  })

  test('LIM-06 who comes past the one that was named is believed nothing', async () => {
    const site = await startSite({ proxy: { cidrs: ['127.0.0.9'] } })
    const past = Number(new URL(site.to).port)
    expect(await thousand(createGuest({ port: past, from: '127.0.0.5' }))).toEqual(TURNED)
    expect([...new Set(site.refused)]).toEqual(['127.0.0.5'])
    const { port } = await startNginx({
      to: site.to,
      directives: [...APPENDS, 'proxy_bind 127.0.0.9;'],
    })
    expect(await createGuest({ port }).redeem(await site.code())).toBe('200')
    expect(site.logged).toEqual([expect.stringContaining('came from 127.0.0.5')])
  })

  test('LIM-06 on a Unix socket it is a hop like others', async () => {
    const site = await startSite({ proxy: { hops: 1 } }, join(temporary(), 'site.sock'))
    const { port } = await startNginx({ to: site.to, directives: APPENDS })
    expect(await thousand(createGuest({ port }))).toEqual(TURNED)
    expect([...new Set(site.refused)]).toEqual(['127.0.0.1'])
    const other = createGuest({ port, from: '127.0.0.2' })
    expect(await other.redeem(await site.code())).toBe('200')
  })

  test('LIM-07 where it tells of no client, one stranger locks nobody out, and the operator is told', async () => {
    for (const directives of [
      HOST_ALONE,
      [...HOST_ALONE, 'proxy_set_header X-Forwarded-For "";'],
    ]) {
      const site = await startSite({ proxy: { hops: 1 } })
      const { port } = await startNginx({ to: site.to, directives })
      const stranger = createGuest({ port })
      for (let n = 0; n < 30; n++) expect(await stranger.redeem(WRONG)).toBe('401 code_invalid')
      const other = createGuest({ port, from: '127.0.0.2' })
      expect(await other.redeem(await site.code())).toBe('200')
      expect(site.logged).toEqual([expect.stringContaining('named no client')])
    }
  })

  test('LIM-07 a client of a Unix socket, of whom it writes `unix:`, is nobody’s address', async () => {
    const site = await startSite({ proxy: { hops: 1 } })
    const socketPath = join(temporary(), 'nginx.sock')
    await startNginx({ listen: `unix:${socketPath}`, to: site.to, directives: APPENDS })
    const stranger = createGuest({ socketPath })
    for (let n = 0; n < 30; n++)
      expect(await stranger.redeem(WRONG, forgery(n))).toBe('401 code_invalid')
    expect([...new Set(site.refused)]).toEqual([undefined])
    expect(await createGuest({ socketPath }).redeem(await site.code())).toBe('200')
    expect(site.logged).toEqual([expect.stringContaining('named no client')])
  })
})

describe('behind an nginx that nobody declared', () => {
  const ENDS = { '401 code_invalid': 160, '429 rate_limited': 840 }

  test.each([
    ['adds X-Forwarded-For', APPENDS, 'X-Forwarded-For came from 127.0.0.1'],
    ['passes Host alone', HOST_ALONE, `A request for ${HOST} came from 127.0.0.1`],
  ])(
    'LIM-07 and that %s, one stranger locks nobody out, and the operator is told',
    async (_, directives, sentence) => {
      const site = await startSite()
      const { port } = await startNginx({ to: site.to, directives })
      const stranger = createGuest({ port })
      for (let n = 0; n < 30; n++) expect(await stranger.redeem(WRONG)).toBe('401 code_invalid')
      const other = createGuest({ port, from: '127.0.0.2' })
      expect(await other.redeem(await site.code())).toBe('200')
      expect([...new Set(site.refused)]).toEqual(['127.0.0.1'])
      expect(site.logged).toEqual([expect.stringContaining(sentence)])
      expect(site.logged[0]).toContain("`proxy: { cidrs: ['127.0.0.1'] }`")
    },
  )

  test.each([
    ['adds X-Forwarded-For', APPENDS],
    ['passes Host alone', HOST_ALONE],
  ])(
    'LIM-06 and that %s, 1,000 forged headers leave all where they are: at the one limit for all behind it',
    async (_, directives) => {
      const site = await startSite()
      const { port } = await startNginx({ to: site.to, directives })
      expect(await thousand(createGuest({ port }))).toEqual(ENDS)
      expect([...new Set(site.refused)]).toEqual(['127.0.0.1'])
      // the owner at the machine itself comes by another door
      const direct = createGuest({ port: Number(new URL(site.to).port) })
      expect(await direct.redeem(await site.code(), { host: 'localhost' })).toBe('200')
    },
  )

  test('LIM-07 and that passes neither Host nor address, a page of the public URL gives it away', async () => {
    const site = await startSite()
    const { port } = await startNginx({ to: site.to, directives: NOTHING })
    const stranger = createGuest({ port })
    // without a page it looks like this machine itself: the limit holds, and 30 failures lock that out
    const answers = []
    for (let n = 0; n < 30; n++) answers.push(await stranger.redeem(WRONG))
    expect(tally(answers)).toEqual({ '401 code_invalid': 8, '429 rate_limited': 22 })
    expect(site.logged).toEqual([])
    const page = { origin: `http://${HOST}` }
    const browser = createGuest({ port, from: '127.0.0.2' })
    expect(await browser.redeem(await site.code(), page)).toBe('200')
    expect(site.logged).toEqual([expect.stringContaining(`A page of http://${HOST} asked`)])
  })

  test('LIM-06 and that passes forged headers on as they are, they move nothing', async () => {
    const site = await startSite()
    const { port } = await startNginx({ to: site.to, directives: NOTHING })
    const forwards = (n: number): ReturnType<typeof forgery> => forgery(n * 10 + (n % 9))
    expect(await thousand(createGuest({ port }), forwards)).toEqual(ENDS)
    expect([...new Set(site.refused)]).toEqual(['127.0.0.1'])
  })

  test('LIM-07 on a Unix socket nobody has an address, and one stranger locks nobody out', async () => {
    const site = await startSite({}, join(temporary(), 'site.sock'))
    const { port } = await startNginx({ to: site.to, directives: HOST_ALONE })
    const stranger = createGuest({ port })
    for (let n = 0; n < 30; n++) expect(await stranger.redeem(WRONG)).toBe('401 code_invalid')
    const other = createGuest({ port, from: '127.0.0.2' })
    expect(await other.redeem(await site.code())).toBe('200')
    expect([...new Set(site.refused)]).toEqual([undefined])
    expect(site.logged).toEqual([expect.stringContaining('address of the peer is not known')])
  })
})
