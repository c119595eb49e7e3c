// An app: two instances on one place. It does what it is asked until its process ends.
import { isPairError, type Pair, type PairOptions } from '@pair/core'
import { verbsOf, type Verb } from './app-verbs.ts'
import type { Asked, House, Told } from './apps.ts'
import type { Line } from './line.ts'
import { openPlace } from './open.ts'
import { roomyPair } from './roomy-pair.ts'

interface Given {
  module: string
  setting: unknown
  aheadMs: number
  limits?: PairOptions<string>['limits']
}

export async function serveApp(given: Given, line: Line): Promise<void> {
  const { store, close } = await openPlace(given.module, given.setting)
  const shared = {
    ...(given.limits && { limits: given.limits }),
    clock: () => Date.now() + given.aheadMs,
  }
  const houses: Record<House, Pair<string>> = {
    codes: roomyPair(store, shared),
    door: roomyPair(store, { ...shared, namespace: 'door', admission: 'approval' }),
  }
  const verbs = verbsOf(houses, store)
  const underWay = new Set<Promise<void>>()
  let isEnding = false
  const tell = (told: Told): Promise<void> => line.tell(told)

  async function carryOut({ nth, verb, args }: Asked): Promise<void> {
    try {
      if (isEnding) return await tell({ nth, refused: 'ending' })
      const call = verbs[verb as Verb] as (...args: never[]) => Promise<unknown>
      await tell({ nth, gave: (await call(...(args as never[]))) ?? null })
    } catch (error) {
      await tell({ nth, refused: isPairError(error) ? error.code : String(error) })
    }
  }

  line.hear((asked: Asked) => {
    const carried = carryOut(asked).finally(() => underWay.delete(carried))
    underWay.add(carried)
  })
  // at once: what is under way is answered with what came of it, and nothing new begins
  line.ending(async () => {
    isEnding = true
    await Promise.all(Object.values(houses).map((house) => house.close()))
    await close()
    await Promise.all(underWay)
  })
  // the store is open before anybody comes, or whoever comes first opens it
  for (const house of Object.values(houses)) await house.sessions.list().catch(() => {})
}
