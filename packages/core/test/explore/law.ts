import type { Millis } from '../../src/time.ts'
import type { Node } from './automaton.ts'
import { createFactReader, type Facts } from './facts.ts'
import type { State, Step } from './search.ts'
import type { StoreModel } from './store-model.ts'

/** How one actor stands when a law looks at it. */
export interface Part {
  name: string
  node: Node
}

/** A commit that changed the store, and the actors as they stood before it. */
export interface Change {
  before: Facts
  after: Facts
  /** The instant that whoever committed decided by. */
  now: Millis
  by: number
  parts: readonly Part[]
}

/** A moment at which one actor learned something, and the store as it was just then. */
export interface Moment {
  facts: Facts
  now: Millis
  part: Part
}

export interface End {
  facts: Facts
  now: Millis
  parts: readonly Part[]
}

/** A law answers what is wrong, as a sentence; `null`: nothing is. */
export interface Law {
  name: string
  change?(change: Change): string | null
  /** A commit did not hold. */
  lost?(moment: Moment): string | null
  /** An actor is answered, by a commit of its own that held or by something it read. */
  answer?(moment: Moment & { byCommit: boolean }): string | null
  /** Nobody goes on. */
  end?(end: End): string | null
}

export interface Judge {
  step(before: State, step: Step, after: State): string | null
  end(state: State): string | null
  endOf(state: State): End
}

/** Holds every step and every end to the laws. Answers the first that is broken, with what is wrong. */
export function createJudge(
  model: StoreModel,
  names: readonly string[],
  laws: readonly Law[],
): Judge {
  const read = createFactReader(model)
  const partsOf = ({ nodes }: State): Part[] =>
    nodes.map((node, at) => ({ name: names[at]!, node }))
  const judged = new Map<string, string | null>()
  const first = (ask: (law: Law) => string | null | undefined): string | null => {
    for (const law of laws) {
      const fault = ask(law)
      if (fault) return `${law.name}: ${fault}`
    }
    return null
  }

  function judgeChange(before: State, step: Step, after: State): string | null {
    const { actor, lookedAt } = step
    // What a change is worth hangs on these alone; many states share them.
    const key = [before.holdings.id, after.holdings.id, lookedAt, actor, before.nodes[actor]!.id]
    const place = key.join()
    const known = judged.get(place)
    if (known !== undefined) return known
    const change: Change = {
      before: read(before.holdings),
      after: read(after.holdings),
      now: lookedAt,
      by: actor,
      parts: partsOf(before),
    }
    const verdict = first((law) => law.change?.(change))
    judged.set(place, verdict)
    return verdict
  }

  const endOf = (state: State): End => ({
    facts: read(state.holdings),
    now: state.now,
    parts: partsOf(state),
  })

  return {
    step(before, step, after) {
      const broken = before.holdings === after.holdings ? null : judgeChange(before, step, after)
      if (broken || step.outcome.is === 'lands') return broken
      const node = after.nodes[step.actor]!
      const moment = (): Moment => ({
        facts: read(before.holdings),
        now: before.now,
        part: { name: names[step.actor]!, node },
      })
      const { outcome } = step
      if (outcome.is === 'committed' && !outcome.done) {
        const at = moment()
        return first((law) => law.lost?.(at))
      }
      if (node.outcome === null || before.nodes[step.actor]!.outcome !== null) return null
      const at = { ...moment(), byCommit: outcome.is === 'committed' }
      return first((law) => law.answer?.(at))
    },
    end(state) {
      const end = endOf(state)
      return first((law) => law.end?.(end))
    },
    endOf,
  }
}
