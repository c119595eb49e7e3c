import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type {
  AccessAnswer,
  AdmissionAnswer,
  ApprovalItemWire,
  AuthorizedAnswer,
  IssuedCodeAnswer,
  PendingWire,
  ProblemWire,
  TicketAnswer,
} from '@pair/core'

/** One request, every header line as it is written here. */
export interface Call {
  /** Default `GET`, with a body `POST`. */
  method?: string
  path: string
  /** Several values are several lines. */
  headers?: Readonly<Record<string, string | readonly string[]>>
  /** Sent as JSON; bytes to the letter. */
  body?: unknown
  /** `told`: with Content-Length (default). `chunked`: without. `endless`: chunked, and the end never comes. `own`: the header's. */
  length?: 'told' | 'chunked' | 'endless' | 'own'
  /** The Host line; several are several lines, none is none. Default: that of the origin. */
  host?: string | readonly string[]
  /** Hangs up when it aborts; the answer is rejected then. */
  hangUp?: AbortSignal
}

/** The members of our answers that cases read on from. */
export type AnswerBody = Partial<
  AuthorizedAnswer &
    TicketAnswer &
    IssuedCodeAnswer &
    Pick<AccessAnswer, 'cursor'> &
    Pick<ProblemWire, 'scopes' | 'retryAfter'> &
    Pick<PendingWire, 'approval' | 'claim' | 'proof'> &
    Pick<AdmissionAnswer, 'version'> & {
      items: ApprovalItemWire[]
      state: string
      admission: unknown
    }
>

export interface Answer {
  status: number
  headers: Readonly<Record<string, string | string[]>>
  text: string
  /** The parsed JSON; `undefined` where there is none. */
  body: AnswerBody | undefined
}

/** Sends a request over a connection of its own. An upgrade that is let through answers as 101 and is cut. */
export function send(origin: string, call: Call, ca: string | null = null): Promise<Answer> {
  const url = new URL(origin)
  const { path, method = call.body === undefined ? 'GET' : 'POST', length = 'told' } = call
  const bytes = toBytes(call.body)
  const lines = toLines(call, url.host)
  if (bytes !== null && length !== 'own')
    lines.push(
      ...(length === 'told'
        ? ['Content-Length', String(bytes.length)]
        : ['Transfer-Encoding', 'chunked']),
    )
  const options = {
    host: url.hostname,
    port: url.port,
    agent: false,
    path,
    method,
    headers: lines,
    ...(ca === null ? {} : { ca }),
    ...(call.hangUp && { signal: call.hangUp }),
  }
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps(options) : requestHttp(options)
    request.on('error', reject)
    request.on('upgrade', (_, socket) => {
      socket.destroy()
      resolve({ status: 101, headers: {}, text: '', body: undefined })
    })
    request.on('response', (response) => {
      read(response).then((answer) => {
        resolve(answer)
        request.on('error', () => {}) // of what was still to be sent
        request.destroy()
      }, reject)
    })
    if (length === 'endless' || length === 'own') request.write(bytes)
    else request.end(bytes ?? undefined)
  })
}

function toBytes(body: unknown): Uint8Array | null {
  if (body === undefined) return null
  return body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body))
}

function toLines({ headers = {}, body, host }: Call, ownHost: string): string[] {
  const hosts = [host ?? ownHost].flat()
  const isUpgrade = 'upgrade' in headers
  const lines = hosts.flatMap((one) => ['Host', one])
  if (!isUpgrade) lines.push('Connection', 'close')
  if (body !== undefined && !('content-type' in headers))
    lines.push('Content-Type', 'application/json')
  for (const [name, values] of Object.entries(headers))
    for (const value of [values].flat()) lines.push(name, value)
  return lines
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const { headers } = response
  const isJson = /json/.test(headers['content-type'] ?? '') && text !== ''
  return {
    status: response.statusCode ?? 0,
    headers: headers as Answer['headers'],
    text,
    body: isJson ? (JSON.parse(text) as AnswerBody) : undefined,
  }
}
