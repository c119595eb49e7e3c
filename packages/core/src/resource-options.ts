import { invalid } from './invalid-option.ts'
import { modeScopes, type ResourceKind, type ResourceKinds } from './resource/resource.ts'
import type { Resources } from './resource/resource-options.ts'

const KIND = /^[a-z][a-z0-9-]{0,31}$/
/** So that `<kind>:<mode>` is a scope. */
const MODE = /^[a-z][a-z0-9-]{0,30}$/
const CLASS = /^[\x21-\x7e]{1,64}$/

const MEND =
  "resources: { screen: { modes: ['view', 'control'], messages: { control: ['pointer', 'key'] } } }"

/** @throws PairError `config_invalid`, which names the option and the mend */
export function checkResources(
  resources: Resources = {},
  scopes: readonly string[],
): ResourceKinds {
  if (!isPlain(resources)) throw invalid('resources', 'be an object of kinds', MEND)
  const kinds = new Map<string, ResourceKind>()
  for (const [name, options] of Object.entries(resources)) {
    if (!KIND.test(name) || name === 'access')
      throw invalid(
        'resources',
        'name kinds by 1 to 32 small letters, digits and dashes, and none `access`',
        MEND,
      )
    kinds.set(name, checkKind(`resources.${name}`, options))
  }
  const clash = modeScopes(kinds).find((scope) => scopes.includes(scope))
  if (clash !== undefined)
    throw invalid('scopes', `not name ${clash}, which \`resources\` brings with it`, 'scopes: []')
  return kinds
}

function checkKind(option: string, options: unknown): ResourceKind {
  if (!isPlain(options)) throw invalid(option, 'be an object', MEND)
  const { modes, messages = {}, ...others } = options
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw invalid(option, `hold \`modes\` and \`messages\`, not ${JSON.stringify(unknown)}`, MEND)
  if (!isList(modes, MODE) || modes.length === 0 || new Set(modes).size !== modes.length) {
    throw invalid(
      `${option}.modes`,
      'list each mode once, the weakest first, by 1 to 31 small letters, digits and dashes',
      MEND,
    )
  }
  if (!isPlain(messages)) throw invalid(`${option}.messages`, 'be an object of modes', MEND)
  const stray = Object.keys(messages).find((mode) => !modes.includes(mode))
  if (stray !== undefined)
    throw invalid(`${option}.messages`, `name modes of its own, not ${JSON.stringify(stray)}`, MEND)
  const all = new Set<string>()
  const classes = new Map<string, ReadonlySet<string>>()
  for (const mode of modes) {
    const own = Object.hasOwn(messages, mode) ? messages[mode] : []
    if (!isList(own, CLASS)) {
      throw invalid(
        `${option}.messages.${mode}`,
        'list classes of 1 to 64 characters without blanks',
        MEND,
      )
    }
    for (const one of own) all.add(one)
    classes.set(mode, new Set(all))
  }
  return { modes: [...modes], messages: classes }
}

function isList(value: unknown, pattern: RegExp): value is string[] {
  return (
    Array.isArray(value) && value.every((item) => typeof item === 'string' && pattern.test(item))
  )
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
