import type * as z from 'zod/mini'

/** Who may call. `anyone`: what it needs is in the body. `session`: any live one. Else the scope that its session needs. */
export type Caller = 'anyone' | 'session' | 'access:read' | 'access:write'

/** What the document says of a route beside what the route says of itself. */
export interface Operation {
  /** The name that generated clients give it. */
  id: string
  tag: string
  summary: string
  caller: Caller
  /** By status: the schema of the answer; `null`: no body; a text: its media type, where it is no JSON. */
  answers: Readonly<Record<number, z.ZodMiniType | null | string>>
  /** Whether it is a list that is read by pages. */
  paged?: true
  /** Headers that change what it does, beside credentials: name and meaning. */
  headers?: Readonly<Record<string, string>>
  /** Query parameters: name and meaning. */
  query?: Readonly<Record<string, string>>
  /** The body where the route reads it by itself. */
  body?: z.ZodMiniType
  /** Its media type where it is not `application/json`. */
  takes?: string
  /** Whether it is refused as OAuth refuses (RFC 6749 §5.2). */
  oauth?: true
  /** The same of its answers. */
  gives?: string
}
