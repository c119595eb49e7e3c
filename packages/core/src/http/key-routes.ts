import type { SigningKey } from '../token/signing-keys-service.ts'
import { toRfc3339 } from '../time.ts'
import { actorOf, json, WRITE, taking, type Route, type Visit } from './route.ts'
import { RotateBody } from './schemas.ts'
import type { RotateRequest, SigningKeyAnswer } from './token-wire.ts'

/** Signing keys: the public ones for anybody, and a fresh generation for who may change who has access. */
export const keyRoutes: readonly Route[] = [
  { method: 'GET', path: 'jwks.json', handle: publish },
  { method: 'POST', path: 'keys/rotate', ...taking(RotateBody, rotate) },
]

/** Less than a generation is known before it signs: who asks again by then misses none. */
const CACHED_SECONDS = 30

async function publish({ parts }: Visit): Promise<Response> {
  return json(await parts.signingKeys.publicKeys(), {
    'content-type': 'application/jwk-set+json',
    'cache-control': `public, max-age=${CACHED_SECONDS}`,
  })
}

async function rotate(visit: Visit, read: () => RotateRequest): Promise<Response> {
  const auth = await visit.require(WRITE)
  const options = read()
  const keys = await visit.parts.signingKeys.rotate(options, actorOf(auth, visit.facts))
  return json({ items: keys.map(toSigningKey), next: null })
}

function toSigningKey({
  id,
  createdAt,
  activeAt,
  acceptUntil,
  signing,
}: SigningKey): SigningKeyAnswer {
  return {
    id,
    signing,
    createdAt: toRfc3339(createdAt),
    activeAt: toRfc3339(activeAt),
    acceptUntil: toRfc3339(acceptUntil),
  }
}
