import { expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createEdge, HERE, toRequest, type Edge, type Keyed, type Loose } from '../kit/edge.ts'
import { STORES } from '../kit/stores.ts'

const DAY = 86_400_000

async function linesOf(edge: Edge, wish?: object): Promise<string[]> {
  const lines: string[] = []
  for await (const line of edge.pair.audit.export(wish)) lines.push(line)
  return lines
}

async function answer(edge: Edge, owner: Keyed, query = ''): Promise<Response> {
  const headers = await owner.headers('GET', '/auth/audit')
  return (await edge.pair.handler(toRequest(`/auth/audit${query}`, { headers })))!
}

const parsed = (lines: string[]): Loose[] => lines.map((line) => JSON.parse(line) as Loose)

test.each(STORES)(
  'EVT-02 the journal is answered as JSON lines: who, what, when, from where, the digest of what was decided ($name)',
  async ({ open }) => {
    const edge = createEdge({ store: open(), admission: 'code+approval' })
    await edge.pair.admission.set('code', { version: (await edge.pair.admission.get()).version! })
    const owner = await edge.owner()
    await edge.pair.admission.set('approval', {
      version: (await edge.pair.admission.get()).version!,
    })
    await edge.call('/auth/request', {
      body: { device: { label: 'A newcomer', kind: 'app' }, transport: 'bearer' },
      info: { remoteAddress: '127.0.0.9' },
    })
    const [asked] = (await edge.pair.approvals.list()).items
    edge.pass(1_000)
    await owner.call(`/auth/approvals/${asked!.id}/approve`, { body: { digest: asked!.digest } })

    const response = await answer(edge, owner)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/jsonl; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const text = await response.text()
    expect(text.endsWith('\n')).toBe(true)
    const lines = text.trimEnd().split('\n')
    expect(lines).toEqual(await linesOf(edge))
    const events = parsed(lines.slice(0, -1))
    const { items } = await edge.pair.audit.read({ limit: 1_000 })
    expect(events.map(({ id }) => id)).toEqual(items.map(({ id }) => id))
    expect(JSON.parse(lines.at(-1)!)).toEqual({ cursor: items.at(-1)!.id })
    const requested = events.find(({ type }) => type === 'approval.requested')
    expect(requested).toMatchObject({
      actor: { kind: 'newcomer', address: '127.0.0.9' },
      approvalId: asked!.id,
      at: new Date(edge.now() - 1_000).toISOString(),
    })
    const approved = events.find(({ type }) => type === 'approval.approved')
    expect(approved).toMatchObject({
      actor: { kind: 'session', sessionId: owner.sessionId, deviceId: owner.deviceId },
      detail: { digest: asked!.digest },
      at: new Date(edge.now()).toISOString(),
    })
  },
)

test('EVT-02 an export goes on behind the cursor of the last, ends at what was newest when it began, and takes a limit', async () => {
  const edge = createEdge()
  for (let n = 0; n < 250; n++) await edge.pair.codes.issue({ origin: HERE })
  const first = await linesOf(edge, { limit: 120 })
  expect(first).toHaveLength(121)
  const { cursor } = JSON.parse(first.at(-1)!) as { cursor: string }
  const { id: newest } = parsed(await linesOf(edge)).at(-2)
  const rest: string[] = []
  for await (const line of edge.pair.audit.export({ after: cursor })) {
    // What comes while it runs is for the next.
    if (rest.length < 5) await edge.pair.codes.issue({ origin: HERE })
    rest.push(line)
  }
  const all = await linesOf(edge)
  const last = (JSON.parse(rest.at(-1)!) as { cursor: string }).cursor
  expect(last).toBe(newest)
  expect([...first.slice(0, -1), ...rest.slice(0, -1)]).toEqual(
    all.slice(0, -1).filter((line) => (JSON.parse(line) as { id: string }).id <= last),
  )
  const next = await linesOf(edge, { after: last })
  expect([...first.slice(0, -1), ...rest.slice(0, -1), ...next]).toEqual(all)
  const { cursor: end } = JSON.parse(all.at(-1)!) as { cursor: string }
  expect(await linesOf(edge, { after: end })).toEqual([all.at(-1)])
  expect(await linesOf(createEdge())).toEqual(['{"cursor":"start"}'])
})

test('EVT-02 an export can be asked for one type, one kind of actor, or all about one id', async () => {
  const edge = createEdge()
  const owner = await edge.owner()
  const { code } = await edge.pair.codes.issue({ origin: HERE })
  await owner.call(`/auth/codes/${code.id}`, { method: 'DELETE' })
  const all = parsed(await linesOf(edge)).slice(0, -1)
  const ask = async (query: string): Promise<unknown[]> =>
    parsed((await (await answer(edge, owner, query)).text()).trimEnd().split('\n')).slice(0, -1)
  const types = ['code.issued', 'code.revoked']
  expect(await ask(`?type=${types.join('&type=')}`)).toEqual(
    all.filter(({ type }) => types.includes(type)),
  )
  expect(await ask(`?about=${code.id}`)).toEqual(all.filter(({ codeId }) => codeId === code.id))
  const [byOwner] = (await ask('?actor=session')) as Loose[]
  expect(byOwner.type).toBe('code.revoked')
  for (const actor of [owner.sessionId, owner.deviceId])
    expect(await ask(`?actor=${actor}`)).toEqual([byOwner])
  expect(await ask('?actor=nobody')).toEqual([])
  expect(await ask(`?about=${owner.sessionId}&type=code.revoked`)).toHaveLength(1)
  expect(await ask('?type=code.issued&limit=1')).toHaveLength(1)
})

test('EVT-02 what asks for no place, number or word of ours is 400, and who may not read is refused', async () => {
  const edge = createEdge()
  const owner = await edge.owner()
  for (const query of [
    'after=%20',
    `after=${'a'.repeat(65)}`,
    'limit=0',
    'limit=1.5',
    'limit=x',
    'about=%00',
    'actor=',
  ])
    expect([query, (await answer(edge, owner, `?${query}`)).status]).toEqual([query, 400])
  expect((await edge.call('/auth/audit')).status).toBe(401)
  const authorization = await edge.bearer()
  expect((await edge.call('/auth/audit', { headers: { authorization } })).status).toBe(403)
  expect((await edge.call('/auth/audit/refusals', { headers: { authorization } })).status).toBe(403)
  // A cookie alone does not read who has access.
  const { status } = await edge.call('/auth/audit', { headers: { cookie: owner.cookie } })
  expect(status).toBe(401)
  const limits = [0, -1, 1.5, Number.NaN]
  for (const limit of limits)
    await expect(linesOf(edge, { limit })).rejects.toMatchObject({ code: 'invalid_request' })
})

test('SEC-18 an export says where something is forgotten, and of another journal tells all', async () => {
  const edge = createEdge()
  const { deviceId } = await edge.owner()
  const [first] = parsed(await linesOf(edge))
  edge.pass(91 * DAY)
  await edge.pair.devices.rename(deviceId, 'later').catch(() => undefined)
  await edge.pair.codes.issue({ origin: HERE })
  await edge.pair.sweep()
  const lines = parsed(await linesOf(edge, { after: first!.id }))
  expect(lines[0]).toEqual({ gap: true, after: first!.id })
  expect(lines.slice(1)).toEqual(parsed(await linesOf(edge)))
  const foreign = parsed(await linesOf(edge, { after: 'zzz' }))
  expect(foreign[0]).toEqual({ gap: true, after: 'zzz' })
  expect(foreign.slice(1)).toEqual(parsed(await linesOf(edge)))
  expect(await linesOf(createEdge(), { after: 'zzz' })).toHaveLength(2)
})

test('EVT-02 an export reads a page when its reader has room, and no more', async () => {
  const real = memoryStore()
  let tails = 0
  const store = {
    ...real,
    tail: async (...args: Parameters<typeof real.tail>) => (tails++, real.tail(...args)),
  }
  const edge = createEdge({ store })
  for (let n = 0; n < 1_000; n++) await edge.pair.codes.issue({ origin: HERE })
  const owner = await edge.owner()
  const before = tails
  const response = await answer(edge, owner)
  const reader = response.body!.getReader()
  await reader.read()
  expect(tails - before).toBeLessThan(8)
  await reader.cancel()
  const [stopped] = [tails]
  await edge.pair.codes.list()
  expect(tails).toBe(stopped)
})

test('EVT-02 an export ends with the session that asked, without the line that says it is whole', async () => {
  const edge = createEdge()
  for (let n = 0; n < 600; n++) await edge.pair.codes.issue({ origin: HERE })
  const owner = await edge.owner()
  const response = await answer(edge, owner)
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  let text = decoder.decode((await reader.read()).value)
  await edge.pair.sessions.revoke(owner.sessionId)
  for (let read = await reader.read(); !read.done; read = await reader.read())
    text += decoder.decode(read.value)
  const lines = parsed(text.trimEnd().split('\n'))
  expect(lines.length).toBeLessThan(400)
  expect(lines.some((line) => 'cursor' in line)).toBe(false)
})

test('EVT-02 a store that is away is answered as that, and one that goes away in between cuts the answer', async () => {
  const real = memoryStore()
  let isDown = false
  const edge = createEdge({
    store: {
      ...real,
      async tail(...args) {
        if (isDown) throw new Error('down')
        return real.tail(...args)
      },
    },
  })
  for (let n = 0; n < 400; n++) await edge.pair.codes.issue({ origin: HERE })
  const owner = await edge.owner()
  const reader = (await answer(edge, owner)).body!.getReader()
  await reader.read()
  isDown = true
  await expect(
    (async () => {
      while (!(await reader.read()).done);
    })(),
  ).rejects.toThrow('The server can not confirm this now.')
  expect((await answer(edge, owner)).status).toBe(503)
})

test('EVT-02 no character of a label ends a line', async () => {
  const edge = createEdge()
  const text = JSON.stringify({
    type: 'device.renamed',
    at: edge.now(),
    actor: { kind: 'operator' },
    detail: { label: 'a\u2028b\u2029c\u0085d\u007fe\nf\r\u0000' },
  })
  await edge.store.commit([], [{ append: ['pair', 'journal'], value: text, purgeAt: null }])
  const [line] = await linesOf(edge)
  expect(line).toMatch(/^[ -~]+$/)
  expect(JSON.parse(line!)).toMatchObject({
    detail: (JSON.parse(text) as { detail: object }).detail,
  })
})
