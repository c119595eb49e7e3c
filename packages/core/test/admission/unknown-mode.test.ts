import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, settle, shown } from '../kit/applicants.ts'
import { createServer, type Answer, type LoggedServer, type Newcomer } from '../kit/newcomers.ts'
import { OWNER, paired } from '../kit/owners.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { ORIGIN } from '../kit/server.ts'

const KEY = ['pair', 'admission']

/** What may lie there instead of a mode, and as which word the operator is told of it. */
const FOREIGN: Record<string, [value: string, stored: string]> = {
  'a mode of a newer version': [
    '{"kind":"admission","attempt":"a","purgeAt":null,"record":{"mode":"invite"}}',
    'invite',
  ],
  'a mode in capitals': [
    '{"kind":"admission","attempt":"a","purgeAt":null,"record":{"mode":"CODE"}}',
    'CODE',
  ],
  'a long word': [
    `{"kind":"admission","attempt":"a","purgeAt":null,"record":{"mode":"${'x'.repeat(5_000)}"}}`,
    'x'.repeat(100),
  ],
  'an empty word': ['{"kind":"admission","attempt":"a","purgeAt":null,"record":{"mode":""}}', ''],
  'a number': ['{"kind":"admission","attempt":"a","purgeAt":null,"record":{"mode":1}}', ''],
  'no mode': ['{"kind":"admission","attempt":"a","purgeAt":null,"record":{}}', ''],
  'another record': ['{"kind":"owner","attempt":"a","purgeAt":null,"record":{"mode":"code"}}', ''],
  'half a record': ['{"kind":"admission","attempt":"a","purgeAt":null,"record":{"mode":"co', ''],
  nothing: ['', ''],
}

async function plant(server: LoggedServer, value: string): Promise<void> {
  const { version = null } = (await server.store.read(KEY)) ?? {}
  const write = { key: KEY, value, purgeAt: null }
  expect(await server.store.commit([{ key: KEY, version }], [write])).toBe(true)
}

const unknown = { status: 403, body: { code: 'admission_unknown' } }

describe.each(Object.entries(FOREIGN))('APP-01 where %s is stored', (_, [value, stored]) => {
  test('APP-01 nobody new comes in by any way, the operator is told which word it is, and who is in goes on', async () => {
    const secrets = keptSecrets()
    const server = createServer({ secret: secrets })
    const owner = await paired(server, OWNER)
    const { secret } = (await server.pair.ownerSecret({ origin: ORIGIN }))!
    const waiting = await createApplicant(server)
    const approved = await createApplicant(server, { address: '198.51.100.1' })
    const guest = await createApplicant(server, { key: null, address: '198.51.100.2' })
    await server.pair.admission.set('approval')
    for (const who of [waiting, approved, guest]) await who.ask()
    await settle(server, 'approve', approved)
    const { typed } = await server.pair.codes.issue()
    await plant(server, value)
    server.refusals.length = 0

    const fresh = await createApplicant(server)
    const known = await createApplicant(server, { key: owner.key })
    const answers: Record<string, Answer> = {
      redeem: await fresh.redeem(typed),
      'redeem by a known key': await known.redeem(typed),
      request: await fresh.ask(),
      'claim of who waits': await waiting.collect(),
      'claim of who was approved': await approved.collect(),
      'claim without a key': await guest.collect(),
      'claim-owner': await fresh.claimOwner(secret),
      approve: await decide(owner, server, 'approve'),
      'a change of mode': await owner.call('/auth/admission', {
        method: 'PUT',
        body: { mode: 'code', version: (await server.pair.admission.get()).version },
      }),
    }
    for (const [way, answer] of Object.entries(answers)) {
      expect(answer, way).toMatchObject(unknown)
      expect(answer.headers.getSetCookie()).toEqual([])
      // the word is for the operator alone
      if (stored.length > 2) expect(answer.text, way).not.toContain(stored)
    }
    expect(server.refusals).toHaveLength(Object.keys(answers).length)
    for (const { reason } of server.refusals) expect(reason).toContain(`"${stored}"`)
    expect((await server.pair.sessions.list()).items).toHaveLength(1)

    expect(await server.pair.admission.get()).toMatchObject({ mode: 'unknown', stored })
    expect((await owner.call('/auth/admission')).body).toMatchObject({ mode: 'unknown', stored })
    expect((await owner.call('/auth/access')).body).toMatchObject({
      admission: { mode: 'unknown' },
    })
    const { body } = await server.call('/auth/session')
    expect(body).toMatchObject({ server: { admission: 'unknown' } })
    if (stored.length > 2) expect(JSON.stringify(body)).not.toContain(stored)
    expect((await owner.call('/auth/renew', { body: {} })).status).toBe(200)
    expect((await owner.call('/auth/codes', { body: {} })).status).toBe(201)
  })

  test('APP-01 one command mends it, and nothing else does', async () => {
    const server = createServer()
    await server.pair.admission.set('code')
    await plant(server, value)
    const { pair } = server
    const { version } = await pair.admission.get()
    for (const change of [{}, { version }, { version: null }, { reevaluate: true }])
      await expect(pair.admission.set('code', change)).rejects.toMatchObject({
        code: 'admission_unknown',
        reason: expect.stringContaining(`"${stored}"`),
      })
    for (const admission of ['code', 'approval'] as const) {
      const restarted = createServer({ admission, store: server.store })
      expect(await restarted.pair.admission.get()).toMatchObject({ mode: 'unknown' })
    }
    await pair.sweep()
    expect((await server.store.read(KEY))!.value).toBe(value)

    expect(await pair.admission.recover('approval')).toMatchObject({
      mode: 'approval',
      stored: null,
    })
    expect((await pair.audit.read()).items.at(-1)).toMatchObject({
      type: 'admission.changed',
      actor: { kind: 'operator' },
      detail: { from: stored, to: 'approval' },
    })
    expect((await (await createApplicant(server)).ask()).status).toBe(202)
    expect(await shown(server)).toHaveLength(1)
  })
})

async function decide(owner: Newcomer, server: LoggedServer, verb: string): Promise<Answer> {
  const item = (await shown(server)).find(({ state }) => state === 'pending')!
  return owner.call(`/auth/approvals/${item.id}/${verb}`, { body: { digest: item.digest } })
}

describe('APP-01 the command that mends', () => {
  test('APP-01 leaves a setting alone that can be read', async () => {
    const server = createServer()
    await server.pair.admission.set('approval')
    const before = await server.pair.admission.get()
    const events = await server.pair.audit.read()
    expect(await server.pair.admission.recover('code')).toEqual(before)
    expect(await server.pair.audit.read()).toEqual(events)
    const fresh = createServer({ admission: 'closed' })
    expect(await fresh.pair.admission.recover('code')).toMatchObject({
      mode: 'closed',
      version: null,
    })
  })

  test('APP-01 is no route: a session that may change who has access can not give it', async () => {
    const server = createServer()
    const owner = await paired(server, OWNER)
    for (const path of ['/auth/admission/recover', '/auth/admission'])
      for (const method of ['POST', 'PATCH', 'DELETE']) {
        const body = method === 'DELETE' ? {} : { body: { mode: 'code', version: null } }
        expect([404, 405]).toContain((await owner.call(path, { method, ...body })).status)
      }
  })

  test('APP-01 given by 40 at once mends it once (memory)', async () => {
    const server = createServer({ store: jitteredStore(memoryStore(), 3) })
    await plant(server, FOREIGN['a mode of a newer version']![0])
    const modes = ['closed', 'code', 'approval'] as const
    const answers = await race((rival) => server.pair.admission.recover(modes[rival % 3]!))
    const { items } = await server.pair.audit.read()
    expect(items).toMatchObject([{ type: 'admission.changed', detail: { from: 'invite' } }])
    for (const { mode } of answers) expect(mode).toBe(items[0]!.detail!.to)
  })
})
