import type { Millis } from '../../src/time.ts'
import { createAutomaton, type Automaton } from './automaton.ts'
import { NOON, type Product } from './instance.ts'
import { createJudge, type End, type Law } from './law.ts'
import { startActor, type Actor, type CastPorts, type Hands } from './live-actor.ts'
import type { Op } from './op.ts'
import { search, type State, type Walk } from './search.ts'
import { createStoreModel, type Holdings, type StoreModel } from './store-model.ts'

/** A few actors who do one thing each, at once, on what was there before. */
export interface Scenario<C = unknown> {
  name: string
  /** What was there before: done alone, one call after the other. */
  before(hands: Hands): Promise<C>
  actors: readonly Actor<C>[]
  /** Asked of each end, alone and on a copy of the store: answers what is wrong. */
  probe?(hands: Hands, context: C, end: End): Promise<string | null>
}

export interface Exploration extends Walk {
  scenario: string
  actors: readonly string[]
  model: StoreModel
  ms: number
  /** How many histories ran through the code. */
  learned: number
}

export interface ExploreOptions {
  product: Product
  laws: readonly Law[]
  /** How many calls may go wrong. */
  faults: number
  /** Whether also reads of who did nothing yet may fail. Default `false`. */
  anyReadFails?: boolean
  /** What stands between actors and the store. */
  tamper?: (op: Op) => Op
}

/** Walks all interleavings of a scenario, and holds each to the laws. */
export type Explore = <C>(
  scenario: Scenario<C>,
  how?: {
    /** Without this every order of all calls is walked. Default `true`. */
    reduce?: boolean
  },
) => Promise<Exploration>

/** What stands when actors begin; those that begin at the same place share what was learned of them. */
interface Stage {
  model: StoreModel
  context: unknown
  holdings: Holdings
  now: Millis
  automata: Map<Actor<never>, Automaton[]>
}

export function createExplorer(options: ExploreOptions): Explore {
  const { product, laws, faults, anyReadFails = false, tamper } = options
  const stages = new Map<Scenario['before'], Promise<Stage>>()

  async function openStage(before: Scenario['before']): Promise<Stage> {
    const model = createStoreModel()
    const { gave, holdings, now } = await playAlone(
      { name: 'what was before', does: 'plays', run: before },
      { product, model, context: null, index: 0 },
      { holdings: model.empty, now: NOON },
    )
    return { model, context: gave, holdings, now, automata: new Map() }
  }

  return async function explore<C>(
    scenario: Scenario<C>,
    { reduce = true }: { reduce?: boolean } = {},
  ): Promise<Exploration> {
    const began = performance.now()
    const opened = stages.get(scenario.before) ?? openStage(scenario.before)
    stages.set(scenario.before, opened)
    const { model, holdings, now, ...stage } = await opened
    const context = stage.context as C
    const ports = { product, model, context, ...(tamper && { tamper }) }
    const automata = scenario.actors.map((actor, at) => {
      const own = stage.automata.get(actor) ?? []
      stage.automata.set(actor, own)
      return (own[at] ??= createAutomaton(actor, { ...ports, index: at + 1 }))
    })
    const learned = (): number => automata.reduce((sum, each) => sum + each.learned(), 0)
    const before = learned()
    const actors = namesOf(scenario.actors)
    const judge = createJudge(model, actors, laws)
    const probed = new Map<string, string | null>()

    async function judgeEnd(state: State): Promise<string | null> {
      const broken = judge.end(state)
      if (broken || !scenario.probe) return broken
      const place = `${state.holdings.id} ${state.now}`
      const known = probed.get(place)
      if (known !== undefined) return known
      const end = judge.endOf(state)
      const run = (hands: Hands): Promise<unknown> => scenario.probe!(hands, context, end)
      const probe = { name: 'probe', does: 'asks', run }
      const asked = await playAlone(probe, { ...ports, index: automata.length + 1 }, state)
      probed.set(place, asked.gave as string | null)
      return asked.gave as string | null
    }

    const walk = await search({
      model,
      automata,
      holdings,
      now,
      faults,
      anyReadFails,
      reduce,
      judgeStep: judge.step,
      judgeEnd,
    })
    const ms = performance.now() - began
    return { ...walk, scenario: scenario.name, actors, model, learned: learned() - before, ms }
  }
}

/** Plays one actor alone, call after call, and answers what the store holds then. */
async function playAlone<C>(
  actor: Actor<C>,
  ports: CastPorts<C>,
  from: { holdings: Holdings; now: Millis },
): Promise<{ gave: unknown; holdings: Holdings; now: Millis }> {
  const live = startActor(actor, ports)
  let { holdings, now } = from
  for (let [next] = live.pending(); next; [next] = live.pending()) {
    if (next.op.call === 'tick') now = next.op.to
    const { after, result } = ports.model.carryOut(holdings, next.op)
    holdings = after
    await live.deliver(next.name, result, now)
  }
  const outcome = live.outcome()
  if (!outcome?.ok) throw new Error(`${actor.name} failed: ${JSON.stringify(outcome)}`)
  return { gave: outcome.gave, holdings, now }
}

/** Whoever is there twice is told apart. */
function namesOf(actors: readonly Pick<Actor, 'name'>[]): string[] {
  return actors.map(({ name }, at) => {
    const before = actors.slice(0, at).filter((each) => each.name === name).length
    return before === 0 ? name : `${name} in ${['a second', 'a third'][before - 1]} process`
  })
}
