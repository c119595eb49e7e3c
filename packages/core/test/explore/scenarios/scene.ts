import type { Deed } from '../deeds/deed.ts'
import type { Scenario } from '../explore.ts'
import { probeTown } from '../probe.ts'
import { buildTown, STAGES, type Stage, type Town, type TownPlan } from '../town.ts'

export type Scene = Scenario<Town>

const builders = new Map<TownPlan, Scene['before']>()

/** Scenes of one plan begin at one place, and share what is learned of those who act there. */
function builderOf(plan: TownPlan): Scene['before'] {
  const build = builders.get(plan) ?? ((hands) => buildTown(hands, plan))
  builders.set(plan, build)
  return build
}

export function scene(plan: TownPlan, actors: readonly Deed[]): Scene {
  const { mode, stage, note } = plan
  const there = [mode, ...(stage === 'none' ? [] : [`carol ${stage}`]), ...(note ? [note] : [])]
  const doing = actors.map(({ name, does }) => `${name} ${does}`)
  return {
    name: `${doing.join(' | ')} (${there.join(', ')})`,
    before: builderOf(plan),
    actors,
    probe: probeTown,
  }
}

/** Every two of these at once, each also with itself. */
export function pairsOf(plan: TownPlan, deeds: readonly Deed[]): Scene[] {
  return deeds.flatMap((one, at) => deeds.slice(at).map((other) => scene(plan, [one, other])))
}

/** Every three of these at once. */
export function triplesOf(plan: TownPlan, deeds: readonly Deed[]): Scene[] {
  return deeds.flatMap((one, at) =>
    pairsOf(plan, deeds.slice(at)).map(({ actors }) => scene(plan, [one, ...actors])),
  )
}

function plansOf(mode: TownPlan['mode']): (stage: Stage) => TownPlan {
  const plans = STAGES.map((stage): TownPlan => ({ mode, stage }))
  return (stage) => plans[STAGES.indexOf(stage)]!
}

/** Where codes alone let in. */
export const codes: TownPlan = { mode: 'code', stage: 'none' }
/** Where people decide, and how far Carol's request is. */
export const approval: (stage: Stage) => TownPlan = plansOf('approval')
/** Where people decide on who has a code, which Carol's request holds. */
export const held: (stage: Stage) => TownPlan = plansOf('code+approval')
