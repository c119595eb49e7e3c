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
}

/** A kind of record and all fields that one may have, in any of its states. Fields may be null or missing. */
export interface RecordFields {
  /** What the envelope `{"kind", "attempt", "purgeAt", "record"}` says. */
  kind: string
  fields: readonly RecordField[]
}

/** The fields of a kind, read from the schema that every record goes through. */
export function fieldsOf({ name, schema }: RecordKind<unknown>): RecordFields {
  const fields = new Map<string, RecordField>()
  const add = (path: string, type: RecordField['type'], values: readonly string[] | null): void => {
    const known = fields.get(path)?.values
    fields.set(path, {
      path,
      type,
      values: values && known ? [...new Set([...known, ...values])] : values,
    })
  }
  const walk = (path: string, at: z.core.$ZodType): void => {
    const { def } = (at as z.core.$ZodTypes)._zod
    if (at === Instant) add(path, 'instant', null)
    else if (def.type === 'nullable' || def.type === 'optional') walk(path, def.innerType)
    else if (def.type === 'union') for (const option of def.options) walk(path, option)
    else if (def.type === 'object')
      for (const [part, inner] of Object.entries(def.shape))
        walk(path ? `${path}.${part}` : part, inner)
    else if (def.type === 'enum') add(path, 'text', Object.values(def.entries).map(String))
    else if (def.type === 'literal') add(path, 'text', def.values.map(String))
    else if (def.type === 'string') add(path, 'text', null)
    else if (def.type === 'number') add(path, 'number', null)
    else add(path, 'json', null)
  }
  walk('', schema)
  return { kind: name, fields: [...fields.values()] }
}
