import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createPair, type Pair, type Put } from '@pair/core'
import { signIn } from '@pair/testkit/app'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { FileStore } from '../../src/index.ts'
import { freshFile } from './files.ts'
import { openStore } from './open.ts'
import { append, put } from './writes.ts'

function openPair(store: FileStore): Pair<'notes:read'> {
  const pair = createPair({
    secret: 'a secret of these tests, 32 bytes or more',
    store,
    scopes: ['notes:read'],
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  })
  onTestFinished(() => pair.close())
  return pair
}

/** What a guarded route of an app answers. */
async function visit(pair: Pair<'notes:read'>, headers: Record<string, string>): Promise<string> {
  const found = await pair.guard(new Request('http://localhost/notes', { headers }), undefined, {})
  return found.ok ? 'in' : ((await found.response.json()) as { code: string }).code
}

test('STO-04 a device stays paired over a restart, and a revoke is heard by the other instance within a second', async () => {
  const file = freshFile()
  const first = openPair(openStore(file))
  const { headers, session } = await signIn(first)
  const second = openPair(openStore(file))
  expect([await visit(first, headers), await visit(second, headers)]).toEqual(['in', 'in'])
  await first.sessions.revoke(session.id)
  expect(await visit(first, headers)).toBe('session_revoked')
  const soon = { timeout: 1_000, interval: 20 }
  await vi.waitFor(async () => expect(await visit(second, headers)).toBe('session_revoked'), soon)
})

test('STO-04 with a damaged file nobody comes in, with the file mended the device is still paired, without it it pairs again', async () => {
  const file = freshFile()
  const store = openStore(file)
  const { headers } = await signIn(openPair(store))
  const good = readFileSync(file, 'utf8')
  writeFileSync(file, good.slice(0, -100))
  const restarted = openPair(openStore(file))
  expect(await visit(restarted, headers)).toBe('store_unavailable')
  await expect(signIn(restarted)).rejects.toMatchObject({ code: 'store_unavailable' })
  writeFileSync(file, good)
  expect(await visit(restarted, headers)).toBe('in')
  rmSync(file)
  const anew = openPair(openStore(file))
  expect(await visit(anew, headers)).toMatch(/^session_(invalid|expired|revoked)$/)
  expect(await visit(anew, (await signIn(anew)).headers)).toBe('in')
})

test('STO-04 in a full file nobody new comes in, the cause names SQLite, and who is paired still revokes over HTTP', async () => {
  const store = openStore(freshFile(), { busyMs: 60_000 })
  const pair = openPair(store)
  const { headers, session } = await signIn(pair)
  const owner = await signIn(pair, { scopes: ['access:write'], transport: 'dpop' })
  const told = append(['x', 'journal'])
  const fill = (count: number, kind: string): Put[] =>
    Array.from({ length: count }, (_, n) => put(['x', kind, String(n), 'record']))
  // a stranger asked to be let in, and signs what he likes
  const asked = put(['x', 'approval-key', 'stranger', 'approval'])
  await store.commit([], [asked, ...fill(4_979, 'code'), told])
  // up to the last place of each
  for (const [writes, refused] of [
    [(n: number) => [put(['x', 'code', `c${n}`, 'record']), told], '5,000 records'],
    [(n: number) => [put(['x', 'proof', 'stranger', `l${n}`])], '15,000 marks'],
  ] as const) {
    if (refused === '15,000 marks') await store.commit([], fill(14_980, 'lockout'))
    let error: unknown
    for (let n = 0; error === undefined; n++)
      await store.commit([], writes(n)).catch((thrown: unknown) => (error = thrown))
    expect((error as Error).message).toContain(refused)
  }
  await expect(signIn(pair)).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.not.stringContaining('SQLite') as string,
    cause: { hint: expect.stringContaining('sqliteStore') as string },
  })
  const path = `/auth/sessions/${session.id}`
  const answer = await pair.handler(
    new Request(`http://localhost${path}`, {
      method: 'DELETE',
      headers: await owner.headers('DELETE', path),
    }),
  )
  expect(answer!.status).toBe(204)
  expect(await visit(pair, headers)).toBe('session_revoked')
}, 30_000)
