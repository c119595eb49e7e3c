import type * as z from 'zod/mini'
import { Instant } from './fields.ts'
import type { RecordKind } from './record-codec.ts'

/** A field of a stored record. */
export interface RecordField {
  /** Its name in the record; of nested ones joined by a dot: `life.slidingMs`. */
  path: string
  /** `instant`: milliseconds since 1970. `json`: anything, also nothing. */
  type: 'text' | 'number' | 'instant' | 'json'
  /** The closed list of texts that may stand there, where there is one. */
  values: readonly string[] | null
  /** The states of the record in which it may stand there at all; `null`: in each. */
  states: readonly string[] | null
}

/** A kind of record and all fields that one may have, in any of its states. Fields may be null or missing. */
export interface RecordFields {
  /** What the envelope `{"kind", "attempt", "purgeAt", "record"}` says. */
  kind: string
  fields: readonly RecordField[]
}

/** The fields of a kind, read from the schema that every record goes through. */
export function fieldsOf({ name, schema }: RecordKind<unknown>): RecordFields {
  const fields = new Map<string, Omit<RecordField, 'states'> & { in: Set<string> }>()
  const states = new Set<string>()
  const add = (
    path: string,
    type: RecordField['type'],
    values: readonly string[] | null,
    state: string,
  ): void => {
    const known = fields.get(path)
    fields.set(path, {
      path,
      type,
      values: values && known?.values ? [...new Set([...known.values, ...values])] : values,
      in: new Set([...(known?.in ?? []), state]),
    })
  }
  const walk = (path: string, at: z.core.$ZodType, state: string): void => {
    const { def } = (at as z.core.$ZodTypes)._zod
    states.add(state)
    if (at === Instant) add(path, 'instant', null, state)
    else if (def.type === 'nullable' || def.type === 'optional') walk(path, def.innerType, state)
    else if (def.type === 'union')
      for (const option of def.options) walk(path, option, path === '' ? stateOf(option) : state)
    else if (def.type === 'object')
      for (const [part, inner] of Object.entries(def.shape))
        walk(path ? `${path}.${part}` : part, inner, state)
    else if (def.type === 'enum') add(path, 'text', Object.values(def.entries).map(String), state)
    else if (def.type === 'literal') add(path, 'text', def.values.map(String), state)
    else if (def.type === 'string') add(path, 'text', null, state)
    else if (def.type === 'number') add(path, 'number', null, state)
    else if (def.type !== 'never') add(path, 'json', null, state)
  }
  walk('', schema, ANY)
  states.delete(ANY)
  return {
    kind: name,
    fields: [...fields.values()].map(({ in: found, ...field }) => ({
      ...field,
      states: found.has(ANY) || found.size === states.size ? null : [...found],
    })),
  }
}

/** What has no states is in this one. */
const ANY = ''

/** The word by which an option of a union is told from the others. */
function stateOf(option: z.core.$ZodType): string {
  const { def } = (option as z.core.$ZodTypes)._zod
  const state = def.type === 'object' ? def.shape['state'] : undefined
  const literal = state && (state as z.core.$ZodTypes)._zod.def
  return literal?.type === 'literal' ? String(literal.values[0]) : ANY
}
