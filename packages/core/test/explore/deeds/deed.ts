import type { Actor, Hands } from '../live-actor.ts'
import type { Resident, Town } from '../town.ts'

/** One thing that somebody does, as an actor. */
export type Deed = Actor<Town>

export function deed(
  name: string,
  does: string,
  run: (hands: Hands, town: Town) => Promise<unknown>,
): Deed {
  return { name, does, run }
}

export type ResidentName = 'anna' | 'otto' | 'guest' | 'bearer'

/** What a resident does as himself. His address tells him from himself in another process. */
export function residentDeed(
  name: ResidentName,
  does: string,
  run: (hands: Hands, by: Resident, town: Town) => Promise<unknown>,
): Deed {
  return deed(name, does, (hands, town) => {
    const { kind, sessionId, deviceId } = town[name]
    const by: Resident = { kind, sessionId, deviceId, address: `process ${hands.index}` }
    hands.note('who', by)
    return run(hands, by, town)
  })
}
