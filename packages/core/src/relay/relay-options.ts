import { checkScopeList, isAccessScope } from '../grant/scopes.ts'
import type { Thumbprint } from '../ids.ts'
import { parseProofJwk, thumbprintOf, type ProofJwk } from '../proof/proof-key.ts'
import { SECOND, type Millis } from '../time.ts'
import { isAudience, isRelayId, RELAYED_MS } from './mint-request.ts'

/** A relay that the owner of this environment registered. */
export interface RelayRegistration<S extends string = string> {
  /** 1 to 64 letters, digits, dots, dashes and underscores: the `iss` of its requests. */
  id: string
  /** Its Ed25519 key as a public JWK (RFC 8037 §2). */
  publicKey: { kty: string; crv?: string; x?: string }
  /** What clients may get by it at most. Default: the app's scopes. */
  scopes?: readonly S[]
  /**
   * Whether its word is as good as a code where the admission mode takes codes. Default `false`: whoever comes by it waits for
   * a person, in mode `approval` alone.
   */
  authorize?: boolean
}

export interface RelayOptions<S extends string = string> {
  /** At least one. */
  relays: readonly RelayRegistration<S>[]
  /** The name of this environment for its relays: an http or https URL. Default: `publicUrl` with `basePath`. */
  audience?: string
  /** How old a request may be, and what a client asked: milliseconds, 1,000 to 300,000. Default 300,000. */
  maxAgeMs?: number
  /** How many requests of one relay are taken a minute: 1 to 6,000. Default 60. */
  maxPerMinute?: number
}

/** A registered relay, checked. */
export interface Relay {
  id: string
  publicKey: Extract<ProofJwk, { kty: 'OKP' }>
  /** RFC 7638 thumbprint of its key: the `kid` of its requests. */
  kid: Thumbprint
  scopes: readonly string[]
  authorize: boolean
}

/** The options as they were checked, with their defaults. */
export interface RelaySettings {
  audience: string
  relays: ReadonlyMap<string, Relay>
  maxAgeMs: Millis
  maxPerMinute: number
}

export type RelayOptionsOutcome =
  | { ok: true; settings: RelaySettings }
  | { ok: false; option: string; must: string; mend: string }

/** Are these options usable on a server of that URL and these scopes? */
export function checkRelayOptions(
  options: RelayOptions,
  house: { publicUrl: string | undefined; basePath: string; scopes: readonly string[] },
): RelayOptionsOutcome {
  const fail = (option: string, must: string, mend: string): RelayOptionsOutcome => ({
    ok: false,
    option: `relay.${option}`,
    must,
    mend,
  })
  const { publicUrl, basePath, scopes: known } = house
  const audience = options.audience ?? (publicUrl && publicUrl + basePath)
  if (audience === undefined)
    return fail(
      'audience',
      'be there where there is no publicUrl',
      "audience: 'https://home.example/auth'",
    )
  if (!isAudience(audience))
    return fail(
      'audience',
      'be an http or https URL in normal form, without query, fragment and slash at its end',
      "audience: 'https://home.example/auth'",
    )
  const { maxAgeMs = RELAYED_MS, maxPerMinute = 60 } = options
  if (!(Number.isInteger(maxAgeMs) && maxAgeMs >= SECOND && maxAgeMs <= RELAYED_MS))
    return fail('maxAgeMs', 'be whole milliseconds from 1,000 to 300,000', 'maxAgeMs: 60000')
  if (!(Number.isInteger(maxPerMinute) && maxPerMinute >= 1 && maxPerMinute <= 6_000))
    return fail('maxPerMinute', 'be a whole number from 1 to 6,000', 'maxPerMinute: 60')
  const given: unknown = options.relays
  if (!Array.isArray(given) || given.length === 0)
    return fail('relays', 'name at least one relay', "relays: [{ id: 'hub', publicKey }]")
  const relays = new Map<string, Relay>()
  for (const [at, relay] of (given as RelayRegistration[]).entries()) {
    const name = `relays[${at}]`
    if (typeof relay !== 'object' || relay === null || !isRelayId(relay.id))
      return fail(`${name}.id`, 'be 1 to 64 of A-Z a-z 0-9 . _ -', "id: 'hub'")
    const jwk = parseProofJwk(relay.publicKey)
    if (jwk?.kty !== 'OKP')
      return fail(
        `${name}.publicKey`,
        'be the public JWK of an Ed25519 key, without its private part',
        "publicKey: { kty: 'OKP', crv: 'Ed25519', x: '…' }",
      )
    const kid = thumbprintOf(jwk)
    if ([...relays.values()].some((other) => other.id === relay.id || other.kid === kid))
      return fail(name, 'have an id and a key of its own', "id: 'hub-2'")
    const scopes = relay.scopes ?? known.filter((scope) => !isAccessScope(scope))
    if (relay.scopes !== undefined && !checkScopeList(relay.scopes, known).ok)
      return fail(
        `${name}.scopes`,
        'name scopes of this server, each once',
        "scopes: ['notes:read']",
      )
    const { authorize = false } = relay
    if (typeof authorize !== 'boolean')
      return fail(`${name}.authorize`, 'be true or false', 'authorize: true')
    relays.set(relay.id, { id: relay.id, publicKey: jwk, kid, scopes, authorize })
  }
  return { ok: true, settings: { audience, relays, maxAgeMs, maxPerMinute } }
}
