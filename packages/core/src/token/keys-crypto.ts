import { toBase64Url } from '../encoding/base64url.ts'
import { deriveKey, utf8 } from '../encoding/bytes.ts'
import type { KeyId } from '../ids.ts'
import type { Millis } from '../time.ts'
import {
  pairKey,
  signWithPair,
  verifyWithPublic,
  type PairKey,
  type PublicJwk,
} from './eddsa-crypto.ts'
import {
  acceptedIn,
  FIRST_GENERATION,
  lookupsIn,
  pepperIn,
  signingIn,
  type Generation,
  type KeyRing,
} from './key-ring.ts'
import {
  signToken,
  tokenKey,
  verifyToken,
  type TokenKey,
  type TokenKind,
  type TokenPayload,
} from './token-crypto.ts'

/** What signs session and resource tokens: `eddsa` where others verify them by our public keys. */
export type Signing = 'hs256' | 'eddsa'

/** What one generation derives from the master secret by HKDF (RFC 5869), one key a purpose. */
export interface GenerationKeys {
  session: TokenKey
  resource: TokenKey
  /** Says of a request that it waits; no credential. */
  approval: TokenKey
  /** Keys the digests under which codes are looked up. */
  codePepper: Uint8Array
}

/** What is the same in every generation. */
export interface LastingKeys {
  /** Eight characters that tell this server from others on the host. */
  instance: string
  /** Makes refresh tokens. */
  refresh: Uint8Array
  /** Makes the nonces of proofs. */
  nonce: Uint8Array
  /** Seals the journal. */
  seal: Uint8Array
}

/** The keys of an instance as its ring stands at a moment. */
export interface Keys extends LastingKeys {
  /** A signed token of that kind; `hs256`: one that nobody else can check. @throws Error where no generation may sign */
  sign(kind: TokenKind, claims: object, as?: Signing): Promise<string>
  /** What a token of that kind says that one of our keys signed, or `null`. What relays are answered never comes back. */
  verify(kind: OwnKind, text: string): Promise<TokenPayload | null>
  /** Of codes that are made now. */
  codePepper: Uint8Array
  /** Of codes that are looked up: of the generation of now and its neighbours. */
  codePeppers: readonly Uint8Array[]
  /** What others verify session and resource tokens with. */
  publicKeys(): Promise<PublicJwk[]>
  /** What others verify answers to relays with, whatever signs tokens. */
  relayKeys(): Promise<PublicJwk[]>
}

type PublicKind = Exclude<TokenKind, 'approval'>
type OwnKind = Exclude<TokenKind, 'relay'>

interface Generated extends GenerationKeys {
  pair(kind: PublicKind): Promise<PairKey>
}

/** `{"alg":"EdDSA","kid":` as the header of such a token begins. */
const EDDSA_HEAD = toBase64Url(utf8('{"alg":"EdDSA","kid":')).slice(0, 28)

export function deriveKeys(
  master: Uint8Array,
  namespace: string,
  generation: KeyId = FIRST_GENERATION.id,
): GenerationKeys & LastingKeys {
  const lasting = (purpose: string): Uint8Array => deriveKey(master, `${namespace}/${purpose}`)
  // The first has no name: its keys are as old as the server.
  const own = (purpose: string): Uint8Array =>
    lasting(generation === FIRST_GENERATION.id ? purpose : `${purpose}/${generation}`)
  return {
    session: tokenKey('session', own('token/session')),
    resource: tokenKey('resource', own('token/resource')),
    approval: tokenKey('approval', own('token/approval')),
    codePepper: own('code-lookup'),
    refresh: lasting('refresh'),
    nonce: lasting('proof-nonce'),
    seal: lasting('journal-seal'),
    // Lower case without punctuation: cookie names are compared by case in some places and not in others.
    instance: Array.from(lasting('instance').subarray(0, 4))
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(''),
  }
}

/** Derives the keys of a ring; those of a generation once. */
export function createKeyDeriver(
  master: Uint8Array,
  namespace: string,
  signing: Signing,
): (ring: KeyRing | null, now: Millis) => Keys {
  const derived = new Map<KeyId, Generated>()
  const { instance, refresh, nonce, seal } = deriveKeys(master, namespace)

  function generate(id: KeyId): Generated {
    const pairs = new Map<PublicKind, Promise<PairKey>>()
    return {
      ...deriveKeys(master, namespace, id),
      pair(kind) {
        const known = pairs.get(kind)
        if (known) return known
        const made = pairKey(kind, deriveKey(master, `${namespace}/token/${kind}/eddsa/${id}`))
        pairs.set(kind, made)
        // A failure is not kept.
        made.catch(() => pairs.delete(kind))
        return made
      },
    }
  }

  function keysOf(id: KeyId): Generated {
    const found = derived.get(id) ?? generate(id)
    derived.set(id, found)
    return found
  }

  function known(generation: Generation | null): Generated {
    if (generation === null) throw new Error('there is no key that may sign')
    return keysOf(generation.id)
  }

  return (stored, now) => {
    const ring = stored ?? { generations: [] }
    for (const id of derived.keys())
      if (!ring.generations.some((generation) => generation.id === id)) derived.delete(id)
    const accepted = acceptedIn(ring, now).map(({ id }) => keysOf(id))
    const signer = signingIn(ring, now)
    const publish = async (kinds: readonly PublicKind[]): Promise<PublicJwk[]> => {
      const pairs = accepted.flatMap((own) => kinds.map((kind) => own.pair(kind)))
      return (await Promise.all(pairs)).map(({ publicJwk }) => publicJwk)
    }
    return {
      instance,
      refresh,
      nonce,
      seal,
      async sign(kind, claims, as = signing) {
        const own = known(signer)
        // A relay and its clients verify what they are answered.
        if (kind === 'relay' || (as === 'eddsa' && kind !== 'approval'))
          return signWithPair(await own.pair(kind), claims)
        return signToken(own[kind], claims)
      },
      async verify(kind, text) {
        if (text.startsWith(EDDSA_HEAD) && kind !== 'approval') {
          const pairs = await Promise.all(accepted.map((own) => own.pair(kind)))
          const found = pairs.find(({ headerSegment }) => text.startsWith(`${headerSegment}.`))
          return found ? verifyWithPublic(found.publicJwk, found.headerSegment, text) : null
        }
        const found = accepted.find((own) => text.startsWith(`${own[kind].headerSegment}.`))
        return found ? verifyToken(found[kind], text) : null
      },
      get codePepper() {
        return known(pepperIn(ring, now)).codePepper
      },
      codePeppers: lookupsIn(ring).map(({ id }) => keysOf(id).codePepper),
      async publicKeys() {
        if (signing !== 'eddsa') return []
        return publish(['session', 'resource'])
      },
      relayKeys: () => publish(['relay']),
    }
  }
}
