import { PairError } from '../errors.ts'
import type { Need } from '../pair.ts'
import {
  accessRefusal,
  kindOf,
  narrowAccess,
  reaches,
  type ResourceAccess,
  type ResourceKinds,
} from '../resource/resource.ts'

/**
 * The resource that a route or socket asks for; `null`: none. Its name may come from the address of a request: one that
 * nobody can have asks for what nobody has.
 *
 * @throws PairError `config_invalid` where the app asked for half of it, or for a mode that its kind does not have
 */
export function neededAccess(
  need: Pick<Need, 'resource' | 'mode'>,
  kinds: ResourceKinds,
): ResourceAccess | null {
  // A promise of a need has none of its members: it would let everybody in.
  if (typeof need !== 'object' || need === null || 'then' in need)
    throw new PairError('config_invalid', {
      message: 'A need is a plain object. A function that gives one answers it at once.',
    })
  const { resource, mode } = need
  if (resource === undefined && mode === undefined) return null
  if (typeof resource !== 'string' || typeof mode !== 'string')
    throw new PairError('config_invalid', { message: 'A need of a resource names a mode too.' })
  if (kinds.get(kindOf(resource))?.modes.includes(mode) === false) {
    throw new PairError('config_invalid', {
      message: `Resources of the kind ${kindOf(resource)} have no mode ${mode}.`,
    })
  }
  return { name: resource, mode }
}

/**
 * What of the needed resource a credential gives now; `null` where none is needed. What its session's scopes don't hold any
 * more is gone from it.
 *
 * @throws PairError `resource_required`, `insufficient_scope`, `session_invalid`
 */
export function requireAccess(
  sealed: ResourceAccess | null,
  needed: ResourceAccess | null,
  scopes: readonly string[],
  kinds: ResourceKinds,
): ResourceAccess | null {
  if (needed === null) {
    if (sealed === null) return null
    throw new PairError('session_invalid', { reason: 'it is for a resource alone' })
  }
  if (sealed === null || !reaches(kinds, sealed, needed)) {
    const has = sealed === null ? 'a session' : `${sealed.name} in the mode ${sealed.mode}`
    throw new PairError('resource_required', {
      reason: `${needed.name.slice(0, 161)} in the mode ${needed.mode} is needed, and ${has} was brought`,
    })
  }
  const left = narrowAccess(kinds, sealed, scopes)
  if (left === null || !reaches(kinds, left, needed)) throw new PairError(...accessRefusal(needed))
  return left
}
