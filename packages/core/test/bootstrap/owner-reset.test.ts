import { describe, expect, test } from 'vitest'
import type { SecretSource } from '../../src/ports/runtime.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, type Applicant } from '../kit/applicants.ts'
import { createServer, type LoggedServer } from '../kit/newcomers.ts'
import { addressOf, jitteredStore, race } from '../kit/races.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { ORIGIN } from '../kit/server.ts'

/** Secrets whose operator may delete what is kept of the owner. */
function resettable(): {
  secrets: SecretSource
  reset(what: 'the mark' | 'mark and secret'): void
} {
  const kept = keptSecrets()
  let generation = 0
  const named = (name: string): string => (name === 'owner' ? `owner-${generation}` : name)
  return {
    secrets: {
      getOrCreate: (name) => kept.getOrCreate(named(name)),
      markSpent: (name) => kept.markSpent(name),
      isSpent: (name) => kept.isSpent(name),
    },
    reset(what) {
      kept.spent.delete('owner')
      if (what === 'mark and secret') generation++
    },
  }
}

const printed = async ({ pair }: LoggedServer): Promise<string | null> =>
  (await pair.ownerSecret({ origin: ORIGIN }))?.secret ?? null

/** Two instances on one store, whose owner is known. */
async function claimed(seed: number): Promise<{
  one: LoggedServer
  two: LoggedServer
  owner: Applicant
  secret: string
  reset: ReturnType<typeof resettable>['reset']
}> {
  const { secrets, reset } = resettable()
  const store = memoryStore()
  const options = { secret: secrets, admission: 'approval' } as const
  const one = createServer({ ...options, store: jitteredStore(store, seed) })
  const two = createServer({ ...options, store: jitteredStore(store, seed + 100) })
  const secret = (await printed(one))!
  const owner = await createApplicant(one)
  expect((await owner.claimOwner(secret)).status).toBe(200)
  expect(await printed(two)).toBeNull()
  return { one, two, owner, secret, reset }
}

describe.each(['the mark', 'mark and secret'] as const)(
  'NET-07 an operator who deletes %s of the owner',
  (what) => {
    test('NET-07 opens that door once more, though the store is as it was', async () => {
      const { one, two, owner, secret, reset } = await claimed(1)
      reset(what)
      const next = (await printed(two))!
      expect(next === secret).toBe(what === 'the mark')
      if (next !== secret)
        expect((await (await createApplicant(one)).claimOwner(secret)).status).toBe(401)
      const another = await createApplicant(two)
      expect((await another.claimOwner(next)).status).toBe(200)
      expect([await printed(one), await printed(two)]).toEqual([null, null])
      expect((await (await createApplicant(one)).claimOwner(next)).status).toBe(401)
      // who was the owner before has lost nothing by it
      for (const who of [owner, another])
        expect((await who.call('/auth/session')).body).toMatchObject({ authenticated: true })
      const { items } = await one.pair.audit.read()
      expect(items.map(({ type }) => type)).toEqual(['owner.claimed', 'owner.claimed'])
    })

    test.each([1, 2, 3, 4, 5, 6, 7, 8])(
      'NET-07 has one more owner of 40 who claim at once, over two instances (memory, round %i)',
      async (round) => {
        const { one, two, reset } = await claimed(round)
        reset(what)
        const secret = (await printed(one))!
        const answers = await race(async (rival) =>
          (await createApplicant(rival % 2 ? one : two, { address: addressOf(rival) })).claimOwner(
            secret,
          ),
        )
        expect(answers.map(({ status }) => status).sort()).toEqual([
          200,
          ...Array.from({ length: 39 }, () => 401),
        ])
        expect((await two.pair.sessions.list()).items).toHaveLength(2)
        expect(await printed(two)).toBeNull()
        const { items } = await two.pair.audit.read()
        expect(items.map(({ type }) => type)).toEqual(['owner.claimed', 'owner.claimed'])
      },
    )
  },
)
