import { runCase } from './adapter-case.ts'
import { adapterCases } from './scenario.ts'
import type { AdapterHarness } from './harness.ts'
import type { Told } from './told.ts'

/** One answer of the scenario, without ids, tokens, times and lines of the connection. */
export interface Exchange extends Told {
  /** The name of its case. */
  case: string
}

/**
 * Every answer of the scenario, in order: those of two adapters are equal. Throws where a case does not hold.
 *
 * @example
 * ```ts
 * import { adapterTranscript, type AdapterHarness } from '@pair/testkit'
 * import { deepStrictEqual } from 'node:assert/strict'
 * declare const mine: AdapterHarness
 * declare const theirs: AdapterHarness
 * deepStrictEqual(await adapterTranscript(mine), await adapterTranscript(theirs))
 * ```
 */
export async function adapterTranscript(harness: AdapterHarness): Promise<Exchange[]> {
  const transcript: Exchange[] = []
  for (const one of adapterCases)
    for (const { status, headers, body } of await runCase(harness, one))
      transcript.push({ case: one.name, status, headers: withoutCharset(headers), body })
  return transcript
}

/** JSON is UTF-8; only some frameworks say so of the app's answers. */
function withoutCharset(headers: Told['headers']): Told['headers'] {
  const type = headers['content-type']
  if (type !== 'application/json; charset=utf-8') return headers
  return { ...headers, 'content-type': 'application/json' }
}
