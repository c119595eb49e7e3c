import { describe, expect, test } from 'vitest'
import type { AdmissionMode } from '../../src/admission/admission.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, openDoor, settle, type Applicant } from '../kit/applicants.ts'
import { becomes, interruptible } from '../kit/interruption.ts'
import { createServer, type Answer, type LoggedServer } from '../kit/newcomers.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { ORIGIN } from '../kit/server.ts'

const session = (key: string): boolean => /\/session\/ses_[\w-]+\/record$/.test(key)

/** Every first mint: the mode in which it is open, and who comes by it. */
const MINTS: Record<
  string,
  {
    mode: AdmissionMode
    writes: (key: string, value: string) => boolean
    come(server: LoggedServer): Promise<() => Promise<Answer>>
  }
> = {
  redeem: {
    mode: 'code',
    writes: session,
    async come(server) {
      const who = await createApplicant(server)
      const { typed } = await server.pair.codes.issue()
      return () => who.redeem(typed)
    },
  },
  'redeem that is held': {
    mode: 'code+approval',
    writes: becomes('pending'),
    async come(server) {
      const who = await createApplicant(server)
      const { typed } = await server.pair.codes.issue()
      return () => who.redeem(typed)
    },
  },
  request: {
    mode: 'approval',
    writes: becomes('pending'),
    come: async (server) => (await createApplicant(server)).ask,
  },
  claim: {
    mode: 'approval',
    writes: session,
    async come(server) {
      const who = await createApplicant(server)
      await who.ask()
      await settle(server, 'approve', who)
      return who.collect
    },
  },
  'coming back': {
    mode: 'approval',
    writes: session,
    async come(server) {
      const who = await createApplicant(server)
      await who.ask()
      await settle(server, 'approve', who)
      await who.collect()
      return who.ask
    },
  },
}

describe.each(Object.entries(MINTS))('APP-06 %s', (_, { mode, writes, come }) => {
  test.each(['closed', 'unknown'])(
    'APP-06 is refused where the mode becomes %s between look and commit',
    async (other) => {
      const line = interruptible(memoryStore())
      const { server } = await openDoor(mode, { store: line.store })
      const enter = await come(server)
      const before = (await server.pair.sessions.list()).items
      line.before(writes, async () => {
        if (other === 'closed') return server.pair.admission.set('closed')
        const key = ['pair', 'admission']
        return server.store.commit([], [{ key, value: 'x', purgeAt: null }])
      })
      const answer = await enter()
      expect(line.happened()).toBe(true)
      expect(answer).toMatchObject({
        status: 403,
        body: { code: other === 'closed' ? 'admission_refused' : 'admission_unknown' },
      })
      expect(answer.headers.getSetCookie()).toEqual([])
      expect((await server.pair.sessions.list()).items).toEqual(before)
      expect((await server.pair.approvals.list()).items.map(({ state }) => state)).not.toContain(
        'pending',
      )
    },
  )
})

test('APP-06 the owner is not made where the mode can not be read any more at the commit', async () => {
  const line = interruptible(memoryStore())
  const server = createServer({ secret: keptSecrets(), store: line.store })
  const { secret } = (await server.pair.ownerSecret({ origin: ORIGIN }))!
  line.before(session, () =>
    server.store.commit([], [{ key: ['pair', 'admission'], value: 'x', purgeAt: null }]),
  )
  expect(await (await createApplicant(server)).claimOwner(secret)).toMatchObject({
    status: 403,
    body: { code: 'admission_unknown' },
  })
  expect((await server.pair.sessions.list()).items).toEqual([])
})

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'APP-06 of 40 who come while the door is closed none is let in after that was told (memory, round %i)',
  async (round) => {
    const store = jitteredStore(memoryStore(), round)
    const { server } = await openDoor('approval', { store })
    const all: Applicant[] = []
    for (let n = 0; n < 16; n++) {
      const who = await createApplicant(server, { address: `198.51.100.${n}` })
      await who.ask()
      await settle(server, 'approve', who)
      all.push(who)
    }
    const [answers] = await Promise.all([
      race((rival) => all[rival % 16]!.collect()),
      server.pair.admission.set('closed'),
    ])
    const types = (await server.pair.audit.read({ limit: 1_000 })).items.map(({ type }) => type)
    expect(types.lastIndexOf('approval.collected')).toBeLessThan(
      types.lastIndexOf('admission.changed'),
    )
    const collected = types.filter((type) => type === 'approval.collected').length
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(collected)
    expect((await server.pair.sessions.list()).items).toHaveLength(1 + collected)
  },
)
