import type { Route } from '../../src/http/route.ts'
import { dumpStore, dumpText } from '../kit/dump.ts'
import { ORIGIN } from '../kit/server.ts'
import { ALL_ROUTES } from '../limit/stranger-routes.ts'
import { allOf, type Cage, type Canary } from './canaries.ts'

const ID = 'A'.repeat(22)
/** Which of them stand in that text. */
export function found(text: string, canaries: readonly Canary[]): string[] {
  return [
    ...new Set(canaries.filter((canary) => text.includes(canary.text)).map(({ what }) => what)),
  ]
}

/** What a client that is confused, or somebody who stole it, sends with one secret: everywhere at once, and by itself. */
function misuses({ method, readsBody: isForm }: Route, text: string): RequestInit[] {
  const hasBody = ['POST', 'PUT', 'PATCH'].includes(method)
  const json = { 'content-type': 'application/json' }
  const words =
    'code secret claim refreshToken nonce version digest mode resource for old transport request userCode'.split(
      ' ',
    )
  const device = { label: 'A device', kind: text, publicKey: text }
  const body = JSON.stringify({ device, ...Object.fromEntries(words.map((word) => [word, text])) })
  // Apart from the code: an agent may be called as it likes.
  const named = JSON.stringify({ code: 'x', agent: text })
  const bodies = hasBody ? [body, named, `{"code":"${text}"`, JSON.stringify(text)] : [undefined]
  const fields = 'client_id grant_type device_code refresh_token scope client_secret'.split(' ')
  const form = { method, headers: { 'content-type': 'application/x-www-form-urlencoded' } }
  const lines: Record<string, string>[] = [
    { authorization: `Bearer ${text}` },
    { authorization: `DPoP ${text}`, dpop: text },
    { authorization: text, 'idempotency-key': `${text} ` },
    { cookie: `pair_12345678=${text}; pair_claim=${text}`, origin: 'https://evil.example' },
    { dpop: text, cookie: `a=${text}` },
  ]
  const asJson = lines.flatMap((headers) =>
    bodies.map((sent) => ({
      method,
      headers: { ...headers, ...(sent === undefined ? {} : json) },
      ...(sent === undefined ? {} : { body: sent }),
    })),
  )
  if (!isForm) return asJson
  const grants = ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token', text]
  const known = grants.map((grant) => ({
    client_id: 'notes-cli',
    grant_type: grant,
    device_code: text,
    refresh_token: text,
  }))
  const all = Object.fromEntries(fields.map((field) => [field, text]))
  const forms = [...known, all].map((params) => new URLSearchParams(params).toString())
  return [...asJson, ...forms.map((sent) => ({ ...form, body: sent }))]
}

/** Sends each secret to each route in each place where none belongs; answers all that was answered. */
export async function misuseAll(
  { server, canaries }: Cage,
  routes: readonly Route[] = ALL_ROUTES,
): Promise<string[]> {
  const answers: string[] = []
  for (const route of routes)
    for (const { text } of canaries.filter(({ text }) => !text.includes(' '))) {
      const path = route.path.replace(':id', `ses_${ID}`)
      const at = path.startsWith('/') ? path : `/auth/${path}`
      const url = `${ORIGIN}${at}?x=${encodeURIComponent(text)}`
      for (const init of misuses(route, text)) {
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
export async function misuseInProcess({ server, canaries, heard }: Cage): Promise<void> {
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

export const placesOf = async ({ server, heard }: Cage): Promise<Record<string, string>> => ({
  store: await sealedStore(server),
  log: server.logs.map((line) => allOf(line)).join('\n'),
  events: heard.events.join('\n'),
  refusals: heard.refusals.join('\n'),
  journal: JSON.stringify(await server.pair.audit.read({ limit: 1_000 })),
  export: await exported(server),
  policies: heard.policies.join('\n'),
  counts: JSON.stringify(await server.pair.audit.refusals({ limit: 1_000 })),
})

/** The first of each kind. */
export function oneOfEach(canaries: readonly Canary[]): Canary[] {
  return [...new Map(canaries.toReversed().map((canary) => [canary.what, canary])).values()]
}
