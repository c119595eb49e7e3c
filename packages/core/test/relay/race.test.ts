import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createCarrier, type Carrier } from './carrier.ts'

/** A store before whose next commit something else happens. */
function raced(): { store: Store; before(what: () => Promise<unknown>): void } {
  const real = memoryStore()
  let next: (() => Promise<unknown>) | null = null
  return {
    before: (what) => void (next = what),
    store: {
      ...real,
      async commit(checks, writes) {
        const what = next
        next = null
        await what?.()
        return real.commit(checks, writes)
      },
    },
  }
}

describe.each(['code', 'approval'] as const)(
  'between reading and committing, in the mode %s',
  (mode) => {
    async function scene(): Promise<{
      carrier: Carrier
      race: ReturnType<typeof raced>
      request: string
    }> {
      const race = raced()
      const carrier = await createCarrier({ store: race.store, admission: mode })
      // The first of all writes down the mode.
      await carrier.pair.admission.set(mode)
      return { carrier, race, request: await carrier.request() }
    }

    test('APP-18: a mode that closes lets nobody in any more, and nothing is used up', async () => {
      const { carrier, race, request } = await scene()
      race.before(() => carrier.pair.admission.set('closed'))
      expect((await carrier.mint(request)).body.code).toBe('admission_refused')
      expect((await carrier.pair.codes.list()).items).toEqual([])
      expect((await carrier.pair.approvals.list()).items).toEqual([])
      await carrier.pair.admission.set(mode)
      expect((await carrier.mint(request)).status).toBe(200)
    })

    test('APP-18: what is given after all was revoked is of the new epoch', async () => {
      const { carrier, race, request } = await scene()
      race.before(() => carrier.pair.sessions.revokeAll())
      const way = await carrier.open(await carrier.mint(request))
      if (mode === 'code') expect((await carrier.redeem(way)).status).toBe(200)
      else expect((await carrier.collect(way)).status).toBe(202)
    })

    test('APP-18: of two instances that took it up, one alone gives something', async () => {
      const { carrier, race, request } = await scene()
      let rival: number | undefined
      race.before(async () => (rival = (await carrier.mint(request)).status))
      expect((await carrier.mint(request)).body.code).toBe('relay_refused')
      expect(rival).toBe(200)
    })
  },
)
