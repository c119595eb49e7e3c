import { createPair } from '@pair/core'
import { expect, it } from 'vitest'
import { freshFile } from './kit/files.ts'
import { openRaw, openStore } from './kit/open.ts'

const origin = 'http://localhost:3000'

interface Answer {
  status: number
  body: { claim: string; accessToken: string; approval: { id: string } }
  cookie: string
}

it('the views show who asked, who decided and what became of it, in plain times, and nothing to collect with', async () => {
  const file = freshFile()
  const clock = (): number => Date.UTC(2026, 0, 2, 3, 4, 5, 67)
  const store = openStore(file, { clock })
  const pair = createPair({
    secret: crypto.getRandomValues(new Uint8Array(32)),
    store,
    scopes: ['notes'],
    admission: 'approval',
    clock,
  })
  const post = async (path: string, body: object, cookie = ''): Promise<Answer> => {
    const request = new Request(`${origin}/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(body),
    })
    const answer = await pair.handler(request, { remoteAddress: '127.0.0.1' })
    const set = answer?.headers.get('set-cookie') ?? ''
    return {
      status: answer?.status ?? 0,
      body: (await answer?.json()) as Answer['body'],
      cookie: set.split(';', 1)[0] ?? '',
    }
  }
  const ask = async (label: string): Promise<Answer> => {
    const asked = await post('request', { transport: 'bearer', device: { label, kind: 'app' } })
    expect(asked.status).toBe(202)
    return asked
  }
  const [tablet, phone] = [await ask('Tablet'), await ask('Phone')]
  const listed = (await pair.approvals.list()).items
  const digestOf = ({ body }: Answer): string =>
    listed.find(({ id }) => id === body.approval.id)?.digest ?? ''
  await pair.approvals.approve(tablet.body.approval.id, { digest: digestOf(tablet) })
  const collected = await post('claim', { claim: tablet.body.claim }, tablet.cookie)
  expect(collected.status).toBe(200)
  await pair.approvals.reject(phone.body.approval.id, { digest: digestOf(phone), reason: 'who?' })

  const raw = openRaw(file)
  const rows = (view: string) => raw.prepare(`SELECT * FROM ${view}`).all()
  const at = '2026-01-02T03:04:05.067Z'
  const approvals = rows('pair_approvals')
  expect(approvals).toHaveLength(2)
  expect(approvals).toContainEqual(
    expect.objectContaining({
      id: tablet.body.approval.id,
      state: 'collected',
      label: 'Tablet',
      address: '127.0.0.1',
      requested_at: at,
      decided_at: at,
      decided_by_kind: 'operator',
      granted: '["notes"]',
      collected_at: at,
    }),
  )
  const rejected = { state: 'rejected', reason: 'who?', granted: null, collected_at: null }
  expect(approvals).toContainEqual(expect.objectContaining(rejected))
  expect(rows('pair_sessions')).toMatchObject([{ approval_id: tablet.body.approval.id }])
  expect(rows('pair_admissions')).toMatchObject([{ mode: 'approval' }])
  const [coolDown] = rows('pair_cool_downs')
  expect(coolDown).toMatchObject({ target: 'network', target_id: '127.0.0.1' })
  expect(JSON.parse(String(coolDown?.['runs']))).toMatchObject([
    { approvalId: phone.body.approval.id, since: Date.parse(at), until: Date.parse(at) + 600_000 },
  ])
  const views = raw.prepare("SELECT name FROM sqlite_master WHERE type = 'view'").all()
  const all = JSON.stringify(views.flatMap(({ name }) => rows(String(name))))
  for (const { value } of await store.list([], { limit: 100 })) {
    const { record } = JSON.parse(value) as { record: Record<string, string> | null }
    for (const hash of [record?.['claimHash'], record?.['cookieHash']])
      if (hash) expect(all).not.toContain(hash)
  }
  for (const { body, cookie } of [tablet, phone])
    for (const secret of [body.claim.split('.')[1]!, cookie.split('=')[1]!])
      expect(all).not.toContain(secret)
  await pair.close()
})
