import { createPair, type Pair } from '@pair/core'
import { recordKinds } from '@pair/core/store'
import { expect, it } from 'vitest'
import { openRaw, openStore, type RawDatabase } from './kit/open.ts'

const origin = 'http://localhost:3000'
const now = Date.UTC(2026, 0, 2, 3, 4, 5, 67)
const clock = (): number => now

/** Hundreds of statements. */
const SLOW = { timeout: 60_000 }

const viewOf = (kind: string): string => {
  const name = `pair_${kind.replaceAll('-', '_')}`
  if (name.endsWith('s')) return name
  return name.endsWith('x') ? `${name}es` : `${name}s`
}
const columnOf = (path: string): string =>
  path.replaceAll('.', '_').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const rowsOf = (raw: RawDatabase, view: string): Promise<Record<string, unknown>[]> =>
  raw.query(`SELECT * FROM ${view}`)

async function everything(raw: RawDatabase): Promise<string> {
  const all = await Promise.all(recordKinds().map(({ kind }) => rowsOf(raw, viewOf(kind))))
  return JSON.stringify(all)
}

interface Answer {
  status: number
  body: { claim: string; accessToken: string; approval: { id: string } }
  cookie: string
}

async function post(pair: Pair, path: string, body: object, cookie = ''): Promise<Answer> {
  const request = new Request(`${origin}/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify(body),
  })
  const answer = await pair.handler(request, { remoteAddress: '127.0.0.1' })
  return {
    status: answer?.status ?? 0,
    body: (await answer?.json()) as Answer['body'],
    cookie: answer?.headers.get('set-cookie')?.split(';', 1)[0] ?? '',
  }
}

it('STO-06 each kind of record has a view, and in it each field that is no hash, as what it is', async () => {
  await (await openStore()).read(['any'])
  const raw = await openRaw()
  const hidden = [
    'approval claimHash',
    'approval cookieHash',
    'approval deviceGrant.userCode',
    'agent-key hash',
    'seal digest',
    'seal-head digest',
  ]
  const types = { text: ['text'], number: ['numeric'], instant: ['timestamp with time zone'] }
  for (const { kind, fields } of recordKinds()) {
    const columns = await raw.query(
      `SELECT column_name AS name, data_type AS type FROM information_schema.columns
       WHERE table_schema = current_schema AND table_name = $1`,
      [viewOf(kind)],
    )
    const typeOf = new Map(columns.map(({ name, type }) => [name, type]))
    expect(typeOf.get('namespace')).toBe('text')
    for (const { path, type } of fields) {
      const expected = type === 'json' ? ['jsonb', 'boolean'] : types[type]
      const named = `${kind} ${path}`
      if (hidden.includes(named)) expect(typeOf.has(columnOf(path)), named).toBe(false)
      else expect(expected, named).toContain(typeOf.get(columnOf(path)))
    }
    expect([...typeOf.keys()].join(' ')).not.toMatch(/hash|digest|value/)
  }
})

it(
  'STO-06 whatever stands in a field, its view is read, and nobody writes or deletes through it',
  SLOW,
  async () => {
    await (await openStore()).read(['any'])
    const raw = await openRaw()
    const wrongs = ['x', '2026-01-02', -1, 8_640_000_000_000_001, 1e300, true, [], {}, null]
    for (const { kind, fields } of recordKinds()) {
      const view = viewOf(kind)
      const free = fields.filter(({ values, states }) => values === null && states === null)
      const texts = wrongs.map((wrong) => {
        const record: Record<string, unknown> = {}
        for (const { path } of free) {
          const [name = '', inner] = path.split('.')
          record[name] = inner ? { ...(record[name] as object), [inner]: wrong } : wrong
        }
        return JSON.stringify({ kind, attempt: 'a', purgeAt: null, record })
      })
      await raw.query(
        "INSERT INTO pair_record (key, value, version) SELECT 'pair ' || $1 || n || ' record', t, '1' FROM unnest($2::text[]) WITH ORDINALITY AS u (t, n)",
        [`${kind} `, texts],
      )
      const rows = await rowsOf(raw, view)
      expect(rows).toHaveLength(wrongs.length)
      for (const { path, type } of free)
        if (type === 'instant')
          expect(new Set(rows.map((row) => row[columnOf(path)])), `${kind} ${path}`).toEqual(
            new Set([null]),
          )
      await expect(raw.query(`DELETE FROM ${view}`)).rejects.toThrow('cannot delete from view')
      await expect(raw.query(`UPDATE ${view} SET namespace = 'x'`)).rejects.toThrow(
        'cannot update view',
      )
    }
  },
)

it('the views show who is paired and who was revoked, in plain times, and no secret or digest', async () => {
  const store = await openStore({ clock })
  const secret = crypto.getRandomValues(new Uint8Array(32))
  const pair = createPair({ secret, store, scopes: ['notes'], clock })
  const issued = await pair.codes.issue({ scopes: ['notes'], origin })
  const redeemed = await post(pair, 'redeem', {
    code: issued.typed,
    transport: 'bearer',
    device: { label: 'Tablet', kind: 'app' },
  })
  expect(redeemed.status).toBe(200)
  const raw = await openRaw()
  const [session] = await rowsOf(raw, 'pair_sessions')
  const [device] = await rowsOf(raw, 'pair_devices')
  expect(await rowsOf(raw, 'pair_codes')).toEqual([
    expect.objectContaining({
      namespace: 'pair',
      state: 'redeemed',
      scopes: ['notes'],
      data: null,
      used: '1',
      created_at: new Date(now),
      redeemed_by_session_id: session?.['id'],
      revoked_at: null,
    }),
  ])
  expect(await raw.query('SELECT id FROM pair_codes WHERE data IS NULL')).toHaveLength(1)
  expect(device).toMatchObject({ label: 'Tablet', kind: 'app', revoked_at: null })
  expect(session).toMatchObject({ transport: 'bearer', device_id: device?.['id'] })
  expect(await rowsOf(raw, 'pair_grants')).toHaveLength(1)

  await pair.sessions.revoke(String(session?.['id']) as never)
  expect((await rowsOf(raw, 'pair_sessions'))[0]).toMatchObject({
    revoked_at: new Date(now),
    revoked_reason: 'revoked',
  })
  expect((await rowsOf(raw, 'pair_devices'))[0]).toMatchObject({ revoked_at: null })
  expect(await rowsOf(raw, 'pair_revocations')).toContainEqual({
    namespace: 'pair',
    target: 'session',
    target_id: session?.['id'],
    at: new Date(now),
    reason: 'revoked',
  })
  const all = await everything(raw)
  const secrets = (await store.list([], { limit: 100 }))
    .filter(({ key }) => ['code-lookup', 'ticket'].includes(key[1]!))
    .map(({ key }) => key[2]!)
  expect(secrets).not.toEqual([])
  for (const kept of [...secrets, issued.typed]) expect(all).not.toContain(kept)
  await pair.close()
})

it('the views show who asked, who decided and what became of it, in plain times, and nothing to collect with', async () => {
  const store = await openStore({ clock })
  const secret = crypto.getRandomValues(new Uint8Array(32))
  const pair = createPair({ secret, store, scopes: ['notes'], admission: 'approval', clock })
  const ask = async (label: string): Promise<Answer> => {
    const wish = { transport: 'bearer', device: { label, kind: 'app' } }
    const asked = await post(pair, 'request', wish)
    expect(asked.status).toBe(202)
    return asked
  }
  const [tablet, phone] = [await ask('Tablet'), await ask('Phone')]
  const listed = (await pair.approvals.list()).items
  const digestOf = ({ body }: Answer): string =>
    listed.find(({ id }) => id === body.approval.id)?.digest ?? ''
  await pair.approvals.approve(tablet.body.approval.id, { digest: digestOf(tablet) })
  const collected = await post(pair, 'claim', { claim: tablet.body.claim }, tablet.cookie)
  expect(collected.status).toBe(200)
  await pair.approvals.reject(phone.body.approval.id, { digest: digestOf(phone), reason: 'who?' })

  const raw = await openRaw()
  const at = new Date(now)
  const approvals = await rowsOf(raw, 'pair_approvals')
  expect(approvals).toHaveLength(2)
  expect(approvals).toContainEqual(
    expect.objectContaining({
      id: tablet.body.approval.id,
      state: 'collected',
      label: 'Tablet',
      address: '127.0.0.1',
      before_live: false,
      requested_at: at,
      decided_at: at,
      decided_by_kind: 'operator',
      granted: ['notes'],
      collected_at: at,
    }),
  )
  const rejected = { state: 'rejected', reason: 'who?', granted: null, collected_at: null }
  expect(approvals).toContainEqual(expect.objectContaining(rejected))
  expect(await rowsOf(raw, 'pair_sessions')).toMatchObject([
    { approval_id: tablet.body.approval.id },
  ])
  expect(await rowsOf(raw, 'pair_admissions')).toMatchObject([{ mode: 'approval' }])
  const run = { approvalId: phone.body.approval.id, since: now, until: now + 600_000 }
  expect(await rowsOf(raw, 'pair_cool_downs')).toMatchObject([
    { target: 'network', target_id: '127.0.0.1', runs: [run] },
  ])
  const all = await everything(raw)
  const hashes = (await store.list([], { limit: 100 })).flatMap(({ value }) => {
    const { record } = JSON.parse(value) as { record: Record<string, string> | null }
    return [record?.['claimHash'], record?.['cookieHash']].filter((one) => typeof one === 'string')
  })
  expect(hashes.length).toBeGreaterThanOrEqual(2)
  for (const hash of hashes) expect(all).not.toContain(hash)
  for (const { body, cookie } of [tablet, phone])
    for (const kept of [body.claim.split('.')[1]!, cookie.split('=')[1]!])
      expect(all).not.toContain(kept)
  await pair.close()
})
