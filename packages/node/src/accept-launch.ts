import type { AccessScope, CodeView, Pair, SeedCode } from '@pair/core'
import { takeHandOff } from './launch-hand-off.ts'

/** What a launcher's code gives. How many may use it, and until when, the launcher says. */
export type LaunchTerms<S extends string = string> = Omit<SeedCode<S>, 'expiresAt' | 'uses'>

/** How long a launcher may take to write. */
const WAIT_MS = 10_000

/**
 * Makes the code that the launcher of this process chose, so that its window pairs by the link that it knows already; call it before
 * the server listens. Reads `PAIR_LAUNCH_FD` or `PAIR_LAUNCH_FILE` once: the variable, the file and the descriptor are gone then.
 * `null`: nobody launched this process, or nobody comes in by that code any more.
 *
 * Where it throws, that launch is over: end, and let the launcher start the server anew with another code.
 *
 * @throws PairError `config_invalid` where what was handed over is none or open to others; and as `pair.codes.seed`
 * @example
 * import { createPair } from '@pair/core'
 * import { acceptLaunch, fileSecrets } from '@pair/node'
 * import { sqliteStore } from '@pair/store-sqlite'
 *
 * const pair = createPair({ secret: fileSecrets('.data'), store: sqliteStore('.data/pair.db'), scopes: ['notes:read'] })
 * await acceptLaunch(pair, { scopes: ['notes:read', 'access:read', 'access:write'] })
 */
export async function acceptLaunch<S extends string>(
  pair: Pick<Pair<S>, 'codes'>,
  terms: LaunchTerms<S | AccessScope> = {},
): Promise<CodeView | null> {
  const handOff = await takeHandOff(process.env, WAIT_MS)
  if (handOff === null) return null
  const { seed, uses, expiresAt } = handOff
  return await pair.codes.seed(seed, { label: 'Launcher', ...terms, uses, expiresAt })
}
