/** One kind of resource: a screen, a terminal, a camera. */
export interface ResourceOptions {
  /** What may be done with one, from the weakest mode to the strongest: `['view', 'control']`. Each is a scope, `screen:view`. */
  modes: readonly string[]
  /**
   * For each mode, which classes of messages a peer may send on a socket of such a resource, beside those of the weaker modes.
   * Where none are named nothing is let in.
   */
  messages?: Readonly<Record<string, readonly string[]>>
}

/** By kind: 1 to 32 small letters, digits and dashes. */
export type Resources = Readonly<Record<string, ResourceOptions>>

/** The scopes that resources bring with them: `screen:view`, `screen:control`. Of kinds that only run time knows there are none. */
export type ModeScope<R extends Resources> = string extends keyof R
  ? never
  : { [K in keyof R & string]: `${K}:${R[K]['modes'][number]}` }[keyof R & string]
