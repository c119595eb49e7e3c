import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import type { Told } from './told.ts'

/** Throws where an answer is not the pinned one. */
export type Expected = (told: Told) => void

type Headers = Readonly<Record<string, string | string[]>>

/** On every answer of ours, and nothing beside but what is named. */
const OURS: Headers = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** An answer of ours to the letter. */
export function json(status: number, body: unknown, headers: Headers = {}): Expected {
  return (told) =>
    deepStrictEqual(told, {
      status,
      headers: { ...OURS, 'content-type': 'application/json', ...headers },
      body,
    })
}

/** An answer of ours without a body. */
export function empty(status: number, headers: Headers = {}): Expected {
  return (told) => deepStrictEqual(told, { status, headers: { ...OURS, ...headers }, body: '' })
}

/** An answer of these headers alone, without a body. */
export function bare(status: number, headers: Headers): Expected {
  return (told) => deepStrictEqual(told, { status, headers: { ...headers }, body: '' })
}

/** A refusal of ours, with the challenge that goes with it (RFC 9110 §11.6.1). */
export function problem(status: number, code: string, headers: Headers = {}): Expected {
  return ({ status: got, headers: sent, body }) => {
    const known = body as Readonly<Record<string, unknown>>
    const { type, status: said, code: named } = known
    deepStrictEqual([got, named, type, said], [status, code, `urn:pair:problem:${code}`, status])
    deepStrictEqual(sent, {
      ...OURS,
      'content-type': 'application/problem+json',
      ...challenge(status, code, known),
      ...headers,
    })
  }
}

function challenge(
  status: number,
  code: string,
  { scopes, nonce }: Readonly<Record<string, unknown>>,
): Headers {
  if (code === 'insufficient_scope')
    return {
      'www-authenticate': `DPoP error="insufficient_scope", scope="${(scopes as string[]).join(' ')}"`,
    }
  if (status !== 401) return {}
  const algs = 'algs="ES256 EdDSA Ed25519"'
  if (code === 'use_dpop_nonce')
    return {
      'www-authenticate': `DPoP error="use_dpop_nonce", ${algs}`,
      'dpop-nonce': nonce as string,
    }
  const error = code.startsWith('proof_') ? ' error="invalid_dpop_proof",' : ''
  return { 'www-authenticate': `DPoP${error} ${algs}` }
}

/** An answer of the app: nothing of ours is in it. */
export function app(status: number, body: unknown): Expected {
  return (told) => {
    deepStrictEqual([told.status, told.body], [status, body])
    deepStrictEqual(Object.keys(told.headers), ['content-type'])
    strictEqual(String(told.headers['content-type']).split(';')[0], 'application/json')
  }
}

/** The app's `404`: nobody guards what it does not have. */
export const nothingHere: Expected = app(404, { app: 'nothing here' })

/** The app's answer to what threw. */
export function failed(status: 400 | 500): Expected {
  return app(status, { app: 'failed' })
}
