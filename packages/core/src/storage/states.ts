import * as z from 'zod/mini'

type Shape = Readonly<Record<string, z.ZodMiniType<unknown>>>

/**
 * The schema of a record that is in one of several states. What belongs to another state must not stand there: a record
 * that holds the stamps of two is not read at all.
 */
export function unionOfStates<T>(
  common: Shape,
  states: Readonly<Record<string, Shape>>,
): z.ZodMiniType<T> {
  const foreign = Object.fromEntries(
    Object.values(states).flatMap((own) =>
      Object.keys(own).map((name) => [name, z.optional(z.never())]),
    ),
  )
  const options = Object.entries(states).map(([state, own]) =>
    z.object({ ...foreign, ...common, ...own, state: z.literal(state) }),
  )
  const [first, ...others] = options
  if (first === undefined) throw new TypeError('There is at least one state')
  return z.discriminatedUnion('state', [first, ...others]) as unknown as z.ZodMiniType<T>
}
