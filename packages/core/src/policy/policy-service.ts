import { frozen } from '../encoding/frozen.ts'
import { cleanLabel } from '../encoding/text.ts'
import { PairError } from '../errors.ts'
import type { Timers } from '../ports/runtime.ts'
import { SECOND, type Millis } from '../time.ts'
import type { AskPolicy, Policy, PolicyFacts } from './policy.ts'

/** How long a hook may take. */
const DEADLINE_MS: Millis = 2 * SECOND

/** Asks the hooks of an app. Whatever is no clear answer refuses. */
export function createPolicyService(policy: Policy, timers: Pick<Timers, 'hold'>): AskPolicy {
  return async (hook, facts) => {
    const ask = policy[hook] as ((facts: PolicyFacts[typeof hook]) => unknown) | undefined
    if (ask === undefined) return
    const why = await answerOf(() => ask.call(policy, frozen(structuredCopy(facts))), timers)
    if (why !== null) throw new PairError('policy_refused', { reason: `policy.${hook}: ${why}` })
  }
}

/** Why it may not go on; `null`: it may. */
async function answerOf(ask: () => unknown, timers: Pick<Timers, 'hold'>): Promise<string | null> {
  let cancel = (): void => {}
  const late = new Promise<string>((resolve) => {
    cancel = timers.hold(DEADLINE_MS, () => resolve(`no answer within ${DEADLINE_MS} ms`))
  })
  // What throws at once and what is rejected are the same.
  const asked = (async () => ask())().then(sentenceOf, (error: unknown) => `threw ${nameOf(error)}`)
  return Promise.race([asked, late]).finally(() => cancel())
}

function sentenceOf(answer: unknown): string | null {
  if (answer === undefined) return null
  if (typeof answer !== 'string') return 'answered neither nothing nor a sentence'
  return cleanLabel(answer, 200) ?? 'answered a sentence that can not be shown'
}

/** What kind of error: what it says may quote anything. */
function nameOf(error: unknown): string {
  try {
    const name = error instanceof Error ? error.name : typeof error
    return cleanLabel(name, 60) ?? 'something'
  } catch {
    // Anything can be thrown, also what throws when it is looked at.
    return 'something'
  }
}

/** A copy that the hook may keep: what it is told is plain data. */
function structuredCopy<T>(facts: T): T {
  return JSON.parse(JSON.stringify(facts)) as T
}
