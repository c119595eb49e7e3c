import { faultyStore, type FaultyStore } from '@pair/testkit/store'
import { createPair } from '../../src/create-pair.ts'
import { isPairError } from '../../src/errors.ts'
import type { Pair } from '../../src/pair.ts'
import type { SecretSource } from '../../src/ports/runtime.ts'
import type { Store } from '../../src/ports/store.ts'
import { ORIGIN } from '../kit/server.ts'
import { secretsOf, STORY_OPTIONS, type Story } from '../records/story.ts'

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

/** A server behind a line that can fail, in the midst of a story. */
export interface Stage {
  story: Story
  line: FaultyStore
  pair: Pair
  /** A second server on the store itself: what is true. */
  truth: Pair
  real: Store
  /** Whether the secret of the owner was marked as spent, beside the store. */
  secrets: { isSpent: boolean }
  /** Ids of the sessions that stood in the beginning. */
  stood: readonly string[]
}

/** What a caller was told. `said` is the answer as text where it is the same each time. */
export type Outcome = { ok: true; gave: unknown; said: string } | { ok: false; code: string }

/** A fresh server on a store that holds what the story left. */
export async function openStage(story: Story, real: Store): Promise<Stage> {
  const line = faultyStore(real)
  const secrets = { isSpent: true }
  const secret: SecretSource = {
    ...secretsOf(story.secret, story.ownerSecret),
    markSpent: async () => (secrets.isSpent = true),
    isSpent: async () => secrets.isSpent,
  }
  const serve = (store: Store): Pair =>
    createPair<string>({
      ...STORY_OPTIONS,
      secret,
      logger: SILENT,
      clock: () => story.at,
      store,
    }) as unknown as Pair
  const truth = serve(real)
  const stood = await standing(truth)
  return { story, line, pair: serve(line.store), truth, real, secrets, stood }
}

/** The ids of all sessions that stand. */
export async function standing({ sessions }: Pair): Promise<string[]> {
  return (await sessions.list()).items.map(({ id }) => id)
}

/** What an answer tells: done, or the code of the refusal. Anything else is thrown on. */
export async function outcomeOf(answer: Response): Promise<Outcome> {
  const text = await answer.text()
  if (answer.status < 300) {
    const body: unknown = text === '' ? null : JSON.parse(text)
    return { ok: true, gave: { headers: answer.headers, body }, said: text }
  }
  const { code, status } = JSON.parse(text) as { code: string; status: number }
  if (status !== answer.status || status === 500) throw new Error(`not a refusal: ${text}`)
  return { ok: false, code }
}

/** What a call in process came to. Errors that aren't ours are thrown on. */
export async function outcomeOfCall(call: () => Promise<unknown>): Promise<Outcome> {
  try {
    const gave = await call()
    return { ok: true, gave, said: JSON.stringify(gave) ?? '' }
  } catch (error) {
    if (isPairError(error)) return { ok: false, code: error.code }
    throw error
  }
}

/** Is whoever brings these headers let in? */
export async function letsIn(pair: Pair, headers: Record<string, string>): Promise<boolean> {
  return (await pair.guard(new Request(`${ORIGIN}/app`, { headers }), undefined, {})).ok
}
