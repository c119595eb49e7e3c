import { describe, expect, test } from 'vitest'
import { ended, lives, type Life, type Use } from './lives.ts'
import type { StoreKind } from '../kit/stores.ts'
import { jumps, serverOn } from './jumps.ts'

/** How it was answered: nobody is let in, and nothing breaks. */
async function refusals(use: Use, times: number): Promise<string[]> {
  const wrong: string[] = []
  for (let left = times; left > 0; left--) {
    const { status, text } = await use().catch((error: unknown) => ({
      status: 0,
      text: String(error),
    }))
    const isRefused = (status >= 400 && status < 500) || status === 503
    if (!isRefused) wrong.push(`${status} ${text.slice(0, 300)}`)
  }
  return wrong
}

/** What is judged to the minute at that jump. */
function strict(jump: string): readonly Life[] {
  return lives.filter(({ toTheDay }) => toTheDay !== true || !jump.endsWith(' h'))
}

function sideOf(jump: string): 'behind' | 'ahead' | 'nowhere' {
  if (jump === 'NaN') return 'nowhere'
  return jump.startsWith('-') ? 'behind' : 'ahead'
}

/** What holds on that store whatever its clock does. */
export function describeJumps(store: StoreKind, to: 'behind' | 'ahead' | 'nowhere'): void {
  const some = jumps.filter(([name]) => sideOf(name) === to)
  describe.each(some)('the clock jumps %s', (name, to) => {
    const over = [
      ...strict(name).map((life) => ({
        name: `${life.name} that ran out`,
        async make(server: ReturnType<typeof serverOn>) {
          const use = await life.make(server)
          server.clock.advance(life.lasts)
          return use
        },
      })),
      ...ended,
    ]
    test.each(over.map((life) => [life.name, life.make] as const))(
      'SEC-06 %s is over during it, after it, and after a sweep then',
      async (_, make) => {
        const server = serverOn(store)
        const use = await make(server)
        const now = server.clock()
        server.clock.set(to(now))
        expect(await refusals(use, 2)).toEqual([])
        server.clock.set(now)
        expect(await refusals(use, 1)).toEqual([])
        await server.pair.sweep()
        expect(await refusals(use, 1)).toEqual([])
      },
    )

    test.each(over.map((life) => [life.name, life.make] as const))(
      'SEC-06 %s stays over where a sweep comes during it',
      async (_, make) => {
        const server = serverOn(store)
        const use = await make(server)
        const now = server.clock()
        await server.pair.sweep()
        server.clock.set(to(now))
        await server.pair.sweep().catch(() => {})
        expect(await refusals(use, 1)).toEqual([])
        server.clock.set(now)
        expect(await refusals(use, 2)).toEqual([])
      },
    )

    test.each(lives.map((life) => [life.name, life] as const))(
      'SEC-06 %s lets in again when the clock is right again',
      async (_, { make }) => {
        const server = serverOn(store)
        const use = await make(server)
        const now = server.clock()
        server.clock.set(to(now))
        // What is swept by a clock that runs ahead is gone; else nothing may be lost.
        if (!(server.clock() > now)) await server.pair.sweep().catch(() => {})
        await server.pair.codes.list()
        server.clock.set(now)
        expect((await use()).status).toBe(200)
      },
    )
  })
}

/** The rest: what was made meanwhile, and what no jump is needed for. */
export function describeRest(store: StoreKind): void {
  describe.each(jumps.filter(([name]) => name !== 'NaN'))('the clock jumps %s', (jump, to) => {
    test.each(strict(jump).map((life) => [life.name, life] as const))(
      'SEC-06 %s made during it lives no longer than any other',
      async (_name, { make, lasts }) => {
        const server = serverOn(store)
        const now = server.clock()
        server.clock.set(to(now))
        const use = await make(server)
        server.clock.set(now + lasts)
        expect(await refusals(use, 1)).toEqual([])
      },
    )
  })

  const HOUR = 3_600_000
  const lenient = lives.filter(({ toTheDay }) => toTheDay === true)
  test.each(lenient.map((life) => [life.name, life] as const))(
    'SEC-06 %s that ran out within the hour stands again by a clock an hour behind, a day behind no more, and is over when it is right',
    async (_, { make, lasts }) => {
      const server = serverOn(store)
      const use = await make(server)
      const over = server.clock() + lasts
      server.clock.set(over - 26 * HOUR)
      expect(await refusals(use, 1)).toEqual([])
      server.clock.set(over - HOUR)
      expect((await use()).status).toBe(200)
      server.clock.set(over)
      expect(await refusals(use, 2)).toEqual([])
    },
  )

  test.each(lenient.map((life) => [life.name, life] as const))(
    'SEC-06 %s made by a clock an hour ahead is over an hour later at most',
    async (_, { make, lasts }) => {
      const server = serverOn(store)
      const now = server.clock()
      server.clock.set(now + HOUR)
      const use = await make(server)
      server.clock.set(now + HOUR + lasts)
      expect(await refusals(use, 1)).toEqual([])
    },
  )

  test.each(lives.map((life) => [life.name, life] as const))(
    'SEC-06 without the time %s lets nobody in, and is not used up by that',
    async (_, { make }) => {
      const server = serverOn(store)
      const use = await make(server)
      const now = server.clock()
      server.clock.set(Number.NaN)
      expect(await refusals(use, 3)).toEqual([])
      server.clock.set(now)
      // A proof that was refused may count as spent.
      const { status } = await use()
      expect(status).toBe(200)
    },
  )
}
