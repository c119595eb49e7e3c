import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { dumpStore, dumpText } from '../kit/dump.ts'
import { ORIGIN } from '../kit/server.ts'
import { ALL_ROUTES } from '../limit/stranger-routes.ts'
import { allOf, openCage, type Cage, type Canary } from './canaries.ts'

const ID = 'A'.repeat(22)
const FULL = { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null } as const

/** Which of them stand in that text. */
function found(text: string, canaries: readonly Canary[]): string[] {
  return [
    ...new Set(canaries.filter((canary) => text.includes(canary.text)).map(({ what }) => what)),
  ]
}

/** What a client that is confused, or somebody who stole it, sends with one secret: everywhere at once, and by itself. */
function misuses(method: string, path: string, text: string): RequestInit[] {
  const hasBody = ['POST', 'PUT', 'PATCH'].includes(method)
  const json = { 'content-type': 'application/json' }
  const words =
    'code secret claim refreshToken nonce version digest mode resource for old transport'.split(' ')
  const device = { label: 'A device', kind: text, publicKey: text }
  const body = JSON.stringify({ device, ...Object.fromEntries(words.map((word) => [word, text])) })
  const bodies = hasBody ? [body, `{"code":"${text}"`, JSON.stringify(text)] : [undefined]
  const lines: Record<string, string>[] = [
    { authorization: `Bearer ${text}` },
    { authorization: `DPoP ${text}`, dpop: text },
    { authorization: text, 'idempotency-key': `${text} ` },
    { cookie: `pair_12345678=${text}; pair_claim=${text}`, origin: 'https://evil.example' },
    { dpop: text, cookie: `a=${text}` },
  ]
  return lines.flatMap((headers) =>
    bodies.map((sent) => ({
      method,
      headers: { ...headers, ...(sent === undefined ? {} : json) },
      ...(sent === undefined ? {} : { body: sent }),
    })),
  )
}

/** Sends each secret to each route in each place where none belongs; answers all that was answered. */
async function misuseAll({ server, canaries }: Cage): Promise<string[]> {
  const answers: string[] = []
  for (const { method, path } of ALL_ROUTES)
    for (const { text } of canaries.filter(({ text }) => !text.includes(' '))) {
      const url = `${ORIGIN}/auth/${path.replace(':id', `ses_${ID}`)}?x=${encodeURIComponent(text)}`
      for (const init of misuses(method, path, text)) {
        const response = await server.pair.handler(new Request(url, init), {
          remoteAddress: server.freshAddress(),
        })
        const lines = [...response!.headers].map(([name, value]) => `${name}: ${value}`)
        answers.push(lines.join('\n'))
        if (response!.headers.get('content-type') === 'text/event-stream')
          await response!.body!.cancel()
        else answers.push(await response!.text())
      }
    }
  return answers
}

/** Calls in process with a secret where an id or a word belongs. */
async function misuseInProcess({ server, canaries, heard }: Cage): Promise<void> {
  const { pair } = server
  for (const { text } of canaries) {
    const calls: (() => Promise<unknown>)[] = [
      () => pair.codes.revoke(text),
      () => pair.sessions.revoke(text),
      () => pair.sessions.narrow(text, []),
      () => pair.sessions.revokeOthers(text),
      () => pair.devices.revoke(text),
      () => pair.devices.rename(text, 'x'),
      () => pair.approvals.approve(text, { digest: text }),
      () => pair.approvals.reject(text, { digest: text }),
      () => pair.approvals.forget(text),
    ]
    for (const call of calls)
      await call().catch((error: unknown) => heard.errors.push(allOf(error)))
  }
}

/** All that is stored when the refusals are counted and the journal is sealed. */
async function sealedStore({ pair, store }: Cage['server']): Promise<string> {
  await pair.sweep()
  return dumpText(await dumpStore(store))
}

async function exported({ pair }: Cage['server']): Promise<string> {
  let text = ''
  for await (const line of pair.audit.export()) text += `${line}\n`
  return text
}

const placesOf = async ({ server, heard }: Cage): Promise<Record<string, string>> => ({
  store: await sealedStore(server),
  log: server.logs.map((line) => allOf(line)).join('\n'),
  events: heard.events.join('\n'),
  refusals: heard.refusals.join('\n'),
  journal: JSON.stringify(await server.pair.audit.read({ limit: 1_000 })),
  export: await exported(server),
  policies: heard.policies.join('\n'),
  counts: JSON.stringify(await server.pair.audit.refusals({ limit: 1_000 })),
})

describe.each(['hs256', 'eddsa'] as const)('with %s', { timeout: 60_000 }, (signing) => {
  test('SEC-09 no secret of any kind stands in store, log, events, refusals or journal', async () => {
    const cage = await openCage(signing)
    expect(new Set(cage.canaries.map(({ what }) => what)).size).toBeGreaterThan(20)
    for (const [place, text] of Object.entries(await placesOf(cage)))
      expect([place, found(text, cage.canaries)]).toEqual([place, []])
  })

  test('SEC-09 a secret that comes where it does not belong is in no answer, and stands nowhere after', async () => {
    const cage = await openCage(signing)
    cage.canaries.splice(0, Infinity, ...oneOfEach(cage.canaries))
    const answers = await misuseAll(cage)
    expect(answers.length).toBeGreaterThan(5_000)
    expect(found(answers.join('\n'), cage.canaries)).toEqual([])
    for (const [place, text] of Object.entries(await placesOf(cage)))
      expect([place, found(text, cage.canaries)]).toEqual([place, []])
  })

  test.each(['all', 'commit'] as const)(
    'SEC-09 nor is it where the store fails in %s, and its driver quotes what it was called with',
    async (calls) => {
      const cage = await openCage(signing)
      cage.canaries.splice(0, Infinity, ...oneOfEach(cage.canaries))
      cage.setDown(calls)
      const answers = await misuseAll(cage)
      await misuseInProcess(cage)
      cage.setDown('none')
      expect(answers.join('\n')).toContain('store_unavailable')
      expect(found([...answers, ...cage.heard.errors].join('\n'), cage.canaries)).toEqual([])
      for (const [place, text] of Object.entries(await placesOf(cage)))
        expect([place, found(text, cage.canaries)]).toEqual([place, []])
    },
  )

  test('SEC-09 errors in process hold none in message, reason, cause or stack', async () => {
    const cage = await openCage(signing)
    await misuseInProcess(cage)
    expect(cage.heard.errors.length).toBeGreaterThan(200)
    expect(found(cage.heard.errors.join('\n'), cage.canaries)).toEqual([])
  })
})

/** The first of each kind. */
function oneOfEach(canaries: readonly Canary[]): Canary[] {
  return [...new Map(canaries.toReversed().map((canary) => [canary.what, canary])).values()]
}

test('SEC-09 what an app holds and may print shows no secret, however deep one looks', async () => {
  const cage = await openCage('eddsa')
  const { server, owner, canaries } = cage
  const { pair } = server
  const cookie = owner.cookie()
  const request = (): Request => new Request(`${ORIGIN}/notes`, { headers: { cookie } })
  const guarded = await pair.guard(request(), undefined, {})
  const ticket = canaries.find(({ what }) => what === 'a ticket')!.text
  const url = `${ORIGIN}/live?ticket=${ticket}`
  const held: Record<string, unknown> = {
    pair,
    guarded,
    auth: await pair.authenticate(request()),
    identified: await pair.identify(request()),
    socket: await pair.openSocket(new Request(url), undefined, {}),
    limited: await pair.limit(request(), undefined, { name: 'x', max: 3 }),
    sessions: await pair.sessions.list(),
    devices: await pair.devices.list(),
    codes: await pair.codes.list(),
    approvals: await pair.approvals.list(),
    keys: await pair.signingKeys.list(),
    published: await pair.signingKeys.publicKeys(),
    admission: await pair.admission.get(),
  }
  expect(guarded.ok).toBe(true)
  for (const [name, value] of Object.entries(held)) {
    const texts = [
      inspect(value, FULL),
      inspect(value, { ...FULL, customInspect: false }),
      JSON.stringify(value),
      `${String(value)}`,
    ]
    expect([name, found(texts.join('\n'), canaries)]).toEqual([name, []])
  }
  await pair.close()
})
