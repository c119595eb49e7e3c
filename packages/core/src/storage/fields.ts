import * as z from 'zod/mini'
import type { Millis } from '../time.ts'

/** An id with that prefix, as stored. */
export function Id<T extends string = string>(prefix: string): z.ZodMiniType<T> {
  return z.string().check(z.startsWith(`${prefix}_`)) as unknown as z.ZodMiniType<T>
}

export const Instant: z.ZodMiniType<Millis> = z.number()
