import type { ErrorCode, ErrorDetail } from '../errors.ts'

/** One kind of resource: what may be done with it, and what each may send. */
export interface ResourceKind {
  /** From the weakest to the strongest; a stronger one has all that the weaker ones have. */
  modes: readonly string[]
  /** For each mode the classes of messages that a peer may send; those of the weaker modes are among them. */
  messages: ReadonlyMap<string, ReadonlySet<string>>
}

export type ResourceKinds = ReadonlyMap<string, ResourceKind>

/** One resource, and what may be done with it. */
export interface ResourceAccess {
  /** `<kind>` or `<kind>:<id>`. */
  name: string
  /** One of the modes of its kind. */
  mode: string
}

const NAME = /^([a-z][a-z0-9-]{0,31})(?::[A-Za-z0-9._~-]{1,128})?$/

/** A resource and mode that can be asked for here, or `null`: the name is well formed, its kind has that mode. */
export function parseAccess(
  kinds: ResourceKinds,
  name: string,
  mode: string,
): ResourceAccess | null {
  const kind = kinds.get(NAME.exec(name)?.[1] ?? '')
  return kind?.modes.includes(mode) ? { name, mode } : null
}

/** The kind that a name begins with, whether there is such a kind or not. */
export function kindOf(name: string): string {
  return name.split(':', 1)[0] ?? ''
}

/** The scope that gives a mode of all resources of a kind. */
export function modeScope({ name, mode }: ResourceAccess): string {
  return `${kindOf(name)}:${mode}`
}

/** Every scope that the kinds bring with them. */
export function modeScopes(kinds: ResourceKinds): string[] {
  return [...kinds].flatMap(([name, { modes }]) => modes.map((mode) => modeScope({ name, mode })))
}

/**
 * What of an access these scopes give: its own mode, or the strongest below it that they reach. A mode is given by its scope,
 * by that of a stronger one, and by `access:write`. `null`: nothing.
 */
export function narrowAccess(
  kinds: ResourceKinds,
  access: ResourceAccess,
  scopes: readonly string[],
): ResourceAccess | null {
  const modes = kinds.get(kindOf(access.name))?.modes ?? []
  const asked = modes.indexOf(access.mode)
  const { name } = access
  const held = scopes.includes('access:write')
    ? asked
    : Math.min(
        asked,
        modes.findLastIndex((mode) => scopes.includes(modeScope({ name, mode }))),
      )
  const mode = modes[held]
  return mode === undefined ? null : { name, mode }
}

/** These scopes, and of each kind the modes below the strongest that they give: who has that may have less. */
export function withWeaker(kinds: ResourceKinds, scopes: readonly string[]): string[] {
  const weaker = [...kinds].flatMap(([name, { modes }]) => {
    const strongest = modes.findLastIndex((mode) => scopes.includes(modeScope({ name, mode })))
    return modes.slice(0, Math.max(0, strongest)).map((mode) => modeScope({ name, mode }))
  })
  return [...new Set([...scopes, ...weaker])]
}

/** Do these scopes give all of that access? */
export function gives(
  kinds: ResourceKinds,
  access: ResourceAccess,
  scopes: readonly string[],
): boolean {
  return narrowAccess(kinds, access, scopes)?.mode === access.mode
}

/** What somebody hears whose scopes don't give that access. */
export function accessRefusal(access: ResourceAccess): [ErrorCode, ErrorDetail] {
  const scope = modeScope(access)
  return ['insufficient_scope', { members: { scopes: [scope] }, reason: `missing ${scope}` }]
}

/** Does that which somebody has reach what is needed: the very resource, and a mode as strong or stronger? */
export function reaches(
  kinds: ResourceKinds,
  held: ResourceAccess,
  needed: ResourceAccess,
): boolean {
  const modes = kinds.get(kindOf(needed.name))?.modes ?? []
  const least = modes.indexOf(needed.mode)
  return held.name === needed.name && least >= 0 && modes.indexOf(held.mode) >= least
}

/** Is what was sealed for a resource, or for none, brought to where it belongs? Only the diagonal passes. */
export function belongs(
  kinds: ResourceKinds,
  sealed: ResourceAccess | null,
  needed: ResourceAccess | null,
): boolean {
  if (sealed === null || needed === null) return sealed === needed
  return reaches(kinds, sealed, needed)
}
