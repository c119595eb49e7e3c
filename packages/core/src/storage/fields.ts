import * as z from 'zod/mini'
import { isAgentName, isThumbprint, type Thumbprint } from '../ids.ts'
import { isDuration, type Millis } from '../time.ts'

/** An id with that prefix, as stored: it can be a part of a key. */
export function Id<T extends string = string>(prefix: string): z.ZodMiniType<T> {
  const id = new RegExp(`^${prefix}_[A-Za-z0-9_-]{1,64}$`)
  return z.string().check(z.refine((text) => id.test(text))) as unknown as z.ZodMiniType<T>
}

/** Up to the last instant that has a date. */
export const Instant: z.ZodMiniType<Millis> = z.number().check(z.gte(0), z.lte(8.64e15))

export const Duration: z.ZodMiniType<Millis> = z.number().check(z.refine(isDuration))

/** A SHA-256 as base64url: 43 characters, as a thumbprint has. */
export const Sha256: z.ZodMiniType<string> = z.string().check(z.refine(isThumbprint))

/** The name of an agent, as stored: it is a part of a key. */
export const AgentName: z.ZodMiniType<string> = z.string().check(z.refine(isAgentName))

export const KeyThumbprint: z.ZodMiniType<Thumbprint> = z.string().check(z.refine(isThumbprint))
