import type { AuthorizedAnswer, Pair, ProblemWire, SessionAnswer, Transport } from '@pair/core'
import type { ProofKey } from './proof-key.ts'

/** Who is signed in, and where. */
export interface SignInPlace {
  /**
   * Where the requests under test go, with the sub-path of `publicUrl` if it has one. Default `http://localhost`, where
   * `app.request('/path')` of Hono sends them.
   */
  origin?: string
  /** The pair's `basePath`. Default `/auth`. */
  basePath?: string
  /** Whose session it is. Default `owner`. */
  subject?: string
  /** What the app finds in `session.data`: JSON. Default `null`. */
  data?: unknown
  /** How the device calls itself. Default `Test device`. */
  label?: string
}

type Place = SignInPlace & { origin: string }

/** Redeems a code over the pair's own routes. */
export async function pairDevice<S extends string>(
  pair: Pair<S>,
  place: Place,
  wish: { link: string; transport: Transport; key: ProofKey | null },
): Promise<AuthorizedAnswer & { cookie: string }> {
  const { link, transport, key } = wish
  // names in the order of RFC 8785, so that this text is what the proof covers
  const body = JSON.stringify({
    code: new URL(link).hash.replace('#code=', ''),
    device: {
      kind: transport === 'cookie' ? 'browser' : 'app',
      label: place.label ?? 'Test device',
      ...(key && { publicKey: key.publicKey }),
    },
    transport,
  })
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (key) {
    const url = new URL(`${place.origin}${pathOf(place, 'redeem')}`)
    headers['dpop'] = await key.prove({
      method: 'POST',
      url,
      at: await timeOf(pair, place),
      body,
    })
  }
  const answer = await ask(pair, place, 'redeem', { method: 'POST', headers, body })
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';', 1)
  return { ...((await answer.json()) as AuthorizedAnswer), cookie }
}

/** The pair's own clock: it may stand still, and proofs have to be of its time. */
export async function timeOf<S extends string>(pair: Pair<S>, place: Place): Promise<number> {
  const answer = await ask(pair, place, 'session', {})
  const { server } = (await answer.json()) as SessionAnswer
  return Date.parse(server.time)
}

const pathOf = ({ basePath = '/auth' }: Place, route: string): string =>
  `${withoutSlashes(basePath)}/${route}`

/** The same without slashes at its end. */
export function withoutSlashes(text: string): string {
  let end = text.length
  while (text.endsWith('/', end)) end--
  return text.slice(0, end)
}

async function ask<S extends string>(
  pair: Pair<S>,
  place: Place,
  route: string,
  init: RequestInit,
): Promise<Response> {
  const path = pathOf(place, route)
  // From an address of its own: tests may pair as often as they like.
  const remoteAddress = `127.${crypto.getRandomValues(new Uint8Array(3)).join('.')}`
  const request = new Request(new URL(path, place.origin), init)
  const answer = await pair.handler(request, { remoteAddress })
  if (answer === null)
    throw new Error(`signIn: the pair has no ${path}. Give signIn its \`basePath\`.`)
  if (answer.status === 200) return answer
  if (answer.status === 202)
    throw new Error(`signIn: a person would have to approve this device. ${BY_CODE}`)
  const { code, detail, hint } = (await answer.json()) as ProblemWire
  throw new Error(`signIn: ${detail} ${MENDS[code] ?? hint}`)
}

const BY_CODE =
  "It pairs by a code: make the pair of this test with `admission: 'code'`, or set that before."

const MENDS: Readonly<Record<string, string>> = {
  admission_refused: BY_CODE,
  device_key_required: "Say `transport: 'dpop'` or `'cookie'`.",
  host_refused: 'Give signIn an `origin` that the pair answers to.',
  insecure_transport: 'Give signIn the https `origin` of the pair.',
}
