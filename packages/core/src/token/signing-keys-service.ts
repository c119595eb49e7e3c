import { OPERATOR, type Actor } from '../audit/event.ts'
import { PairError } from '../errors.ts'
import { newId, type KeyId } from '../ids.ts'
import { actingRefusal } from '../session/refusal.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide } from '../storage/decide.ts'
import { checkOf } from '../storage/space.ts'
import { DAY, type Millis } from '../time.ts'
import type { PublicJwk } from './eddsa-crypto.ts'
import {
  acceptedIn,
  LONGEST_SIGNED_MS,
  rotateRing,
  signingIn,
  type Generation,
  type OldKeys,
} from './key-ring.ts'

/** A generation of signing keys as it is listed. */
export interface SigningKey extends Generation {
  /** Whether it signs now. */
  signing: boolean
}

export interface SigningKeysService {
  /** The `iss` of every token of this server. */
  issuer(): Promise<string>
  /** Generations whose signatures count, oldest first. */
  list(): Promise<SigningKey[]>
  /**
   * Makes a fresh generation of signing keys. It is accepted everywhere at once and signs 60 s later; what the older
   * ones signed counts until it runs out. With `end` it signs at once, and nothing counts any more that older ones signed:
   * devices renew by their key or refresh token; codes and credentials that can't be renewed are over.
   *
   * @throws PairError `invalid_request`, `store_unavailable`, `clock_skew`
   */
  rotate(options?: { old?: OldKeys }, by?: Actor): Promise<SigningKey[]>
  /** With `signing: 'eddsa'`: what others verify session and resource tokens with (RFC 7517). */
  publicKeys(): Promise<{ keys: PublicJwk[] }>
}

export function createSigningKeysService(ports: ServicePorts): SigningKeysService {
  const { space, records, clock, random, settings } = ports

  function view(generations: readonly Generation[], now: Millis): SigningKey[] {
    const signer = signingIn({ generations: [...generations] }, now)
    return generations.map((generation) => ({
      ...generation,
      signing: generation.id === signer?.id,
    }))
  }

  /** What can't be renewed lives as long as its session: without a key a day, or with `keyless: 'full'` for long. */
  const longestMs =
    settings.keyless === 'full' ? LONGEST_SIGNED_MS : Math.max(DAY, settings.accessMs)

  return {
    issuer: ports.instance,
    async list() {
      const now = clock()
      const { ring } = await records.keyRing.read()
      return ring === null ? [] : view(acceptedIn(ring, now), now)
    },
    async rotate({ old = 'live-out' } = {}, by = OPERATOR) {
      if (old !== 'live-out' && old !== 'end')
        throw new PairError('invalid_request', { message: '`old` must be live-out or end.' })
      await ports.requireSteadyClock()
      const id: KeyId = newId('key', random)
      return decide(space, async () => {
        const now = clock()
        const slot = await records.keyRing.read()
        const acting = await records.sessions.acting(by, now)
        if (!acting.ok) throw new PairError(...actingRefusal(acting.reason))
        const ring = rotateRing(slot.ring ?? { generations: [] }, { id, old, longestMs }, now)
        const answer = view(ring.generations, now)
        if (ring === slot.ring) return { answer }
        const event = records.audit.append({
          type: 'keys.rotated',
          at: now,
          actor: by,
          detail: { keyId: id, old },
        })
        return {
          answer,
          change: {
            checks: [checkOf(slot), ...acting.checks],
            writes: [records.keyRing.put(ring)],
            journal: [event],
          },
        }
      })
    },
    async publicKeys() {
      return { keys: await (await ports.keys()).publicKeys() }
    },
  }
}
