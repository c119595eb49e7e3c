import { createDeviceKeys, type DeviceKeys } from '../../src/device-key.ts'
import { endpoints } from '../../src/endpoints.ts'
import { memoryKeyStore } from '../../src/key-store.ts'
import { createRequests, type Credentials, type Requests } from '../../src/requests.ts'

export const HOME = 'https://home.example'

export type Answer = (request: Request) => Response | Promise<Response>

export interface Bench {
  requests: Requests
  keys: DeviceKeys
  credentials: Credentials
  sent: Request[]
  /** How often a session that is missing was looked for. */
  recoveries(): number
}

/** Requests against answers given one after another; the last one is repeated. */
export async function bench(...answers: Answer[]): Promise<Bench> {
  const sent: Request[] = []
  let recoveries = 0
  const keys = createDeviceKeys(memoryKeyStore())
  await keys.make()
  const credentials: Credentials = { token: undefined, skewMs: 0 }
  const requests = createRequests({
    at: () => endpoints({ baseUrl: HOME }),
    keys,
    credentials,
    async fetch(input, init) {
      const request = new Request(input, init)
      sent.push(request.clone())
      const answer = answers[Math.min(sent.length, answers.length) - 1]
      if (!answer) throw new Error('no answer')
      return await answer(request)
    },
    async recover() {
      recoveries++
      return true
    },
  })
  return { requests, keys, credentials, sent, recoveries: () => recoveries }
}

export const ok: Answer = () => new Response('fine')
export const refuse =
  (code: string, more: object = {}): Answer =>
  () =>
    Response.json(
      { code, detail: 'A sentence.', hint: 'A hint.', status: 401, ...more },
      { status: 401 },
    )

/** What the proof of a request claims. */
export function claimsOf(request: Request | undefined): Record<string, unknown> {
  const part = request?.headers.get('dpop')?.split('.')[1] ?? ''
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
}
