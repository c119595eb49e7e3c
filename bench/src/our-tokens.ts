import { toRequestHead } from '@pair/node'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import {
  pairKey,
  signWithPair,
  verifyWithPublic,
} from '../../packages/core/src/token/eddsa-crypto.ts'
import { parseSessionClaims } from '../../packages/core/src/token/session-claims.ts'
import { signToken, tokenKey, verifyToken } from '../../packages/core/src/token/token-crypto.ts'
import { openVerifier } from './open-verifier.ts'
import { startPaired } from './paired.ts'
import { claims } from './peers.ts'
import type { Check } from './rounds.ts'

const PORT = 3_000

/** A request as Node's parser makes it of what browsers and clients send. */
function incoming(token: string): IncomingMessage {
  const lines = {
    Host: `127.0.0.1:${PORT}`,
    Connection: 'keep-alive',
    Accept: '*/*',
    'User-Agent': 'bench',
    Authorization: `Bearer ${token}`,
  }
  return Object.assign(new IncomingMessage(new Socket()), {
    method: 'GET',
    url: '/notes',
    rawHeaders: Object.entries(lines).flat(),
    headers: { host: lines.Host },
  })
}

/** Ours, from the innermost outwards: what a token's text is worth, what is known of it, what a guard does with a request. */
export async function ourSides(): Promise<{
  checks: Record<string, Check>
  close: () => Promise<void>
}> {
  const { pair, token } = await startPaired(PORT)
  const info = { remoteAddress: '127.0.0.1', encrypted: false }
  const need = { scopes: ['notes:read'] } as const
  const guarded =
    (make: () => Parameters<typeof pair.guard>[0]): Check =>
    async () => {
      const { ok } = await pair.guard(make(), info, need)
      if (!ok) throw new Error('refused')
    }
  const came = incoming(token)
  const head = toRequestHead(came)!
  const whole = new Request(`http://127.0.0.1:${PORT}/notes`, {
    headers: { host: `127.0.0.1:${PORT}`, authorization: `Bearer ${token}` },
  })

  const { verifier, token: known } = await openVerifier()

  const seed = crypto.getRandomValues(new Uint8Array(32))
  const key = tokenKey('session', seed)
  const payload = claims()
  const instance = String(payload.iss)
  const signed = signToken(key, payload)
  const pairOfKeys = await pairKey('session', seed)
  const { publicJwk, headerSegment } = pairOfKeys
  const byPair = await signWithPair(pairOfKeys, payload)

  return {
    checks: {
      'ours: verify, seen before': () => {
        if (!verifier.recall(known, 'bearer')?.ok) throw new Error('not known')
      },
      'ours: verify, not seen': async () => {
        if (!(await verifier.verify(known, 'bearer')).ok) throw new Error('refused')
      },
      'ours: guard of a head, seen before': guarded(() => head),
      'ours: guard off Node, seen before': guarded(() => toRequestHead(came)!),
      'ours: guard of a Request, seen before': guarded(() => whole),
      'ours: HS256': () => {
        const read = verifyToken(key, signed)
        if (!read || !parseSessionClaims(read, instance)) throw new Error('refused')
      },
      'ours: EdDSA': async () => {
        const read = await verifyWithPublic(publicJwk, headerSegment, byPair)
        if (!read || !parseSessionClaims(read, instance)) throw new Error('refused')
      },
    },
    close: () => pair.close(),
  }
}
