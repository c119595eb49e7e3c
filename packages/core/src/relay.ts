import type { Extension, House, Opened } from './extension.ts'
import { relayRoutes } from './http/relay-routes.ts'
import { invalid } from './invalid-option.ts'
import { createMintService } from './relay/mint-service.ts'
import { checkRelayOptions, type RelayOptions } from './relay/relay-options.ts'

/**
 * Lets relays that you registered carry clients here: `POST <base>/relay/mint` answers a signed request of one with a way in for
 * one client's key, which the relay can neither use nor change. The keys that verify answers are in `/jwks.json`.
 *
 * @throws PairError `config_invalid` from `createPair`, which names the option and the mend
 * @example
 * ```ts
 * import { createPair, memoryStore } from '@pair/core'
 * import { relay } from '@pair/core/relay'
 * const pair = createPair({
 *   secret: process.env.PAIR_SECRET ?? '',
 *   store: memoryStore(),
 *   publicUrl: 'https://home.example',
 *   extensions: [relay({ relays: [{ id: 'hub', publicKey: { kty: 'OKP', crv: 'Ed25519', x } }] })],
 * })
 * ```
 */
export function relay<const S extends string = string>(options: RelayOptions<S>): Extension {
  return {
    name: 'relay',
    open({ ports, parts }: House): Opened {
      const outcome = checkRelayOptions(options, ports.settings)
      if (!outcome.ok) throw invalid(outcome.option, outcome.must, outcome.mend)
      const { settings } = outcome
      const { signingKeys } = parts
      // Whatever signs tokens here: who is answered verifies the answer.
      parts.signingKeys = {
        ...signingKeys,
        async publicKeys() {
          const [{ keys }, known] = await Promise.all([signingKeys.publicKeys(), ports.keys()])
          return { keys: [...keys, ...(await known.relayKeys())] }
        },
      }
      return { routes: relayRoutes(createMintService(ports, settings), settings) }
    },
  }
}

export type { MintAnswerWire, MintBody, RelayAnswer } from './http/relay-routes.ts'
export type { MintAnswer, Way } from './relay/mint-answer.ts'
export type { MintWish, RelayedDevice } from './relay/mint-request.ts'
export {
  mintProofClaims,
  signMintRequest,
  verifyMintAnswer,
  type MintRequestBy,
  type VerifyMintAnswer,
} from './relay/relay-crypto.ts'
export type { RelayOptions, RelayRegistration } from './relay/relay-options.ts'
export type { Extension } from './extension.ts'
