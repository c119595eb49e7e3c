import { problem, type Expected } from './expected.ts'
import type { Site } from './site.ts'
import { redemption } from './visitor.ts'

/** Where a limit stands, line by line. */
export type Lines = Readonly<Record<string, string>>

/** Somebody who guesses. */
export const WRONG = { path: '/auth/redeem', body: { code: '222-222-222' } }

/** Where a window of a minute stands at its begin, after so many. */
export function stands(name: string, max: number, left: number): Lines {
  return { ratelimit: `"${name}";r=${left};t=60`, 'ratelimit-policy': `"${name}";q=${max};w=60` }
}

/** A refusal in time. */
export function over(code: string, retryAfter: number, lines: Lines): Expected {
  return problem(429, code, { 'retry-after': String(retryAfter), ...lines })
}

/** Comes in by this code. */
export async function enter(site: Site, code: string, expected: Expected): Promise<void> {
  await site.ask((await redemption(site, code)).call, expected)
}
