import { expect, test } from 'vitest'
import { freshFile } from '../../../store-sqlite/test/kit/files.ts'
import { openRemote, openStore } from '../../../store-sqlite/test/kit/open.ts'
import { fixedClock } from '@pair/testkit/app'
import { NOON } from '../kit/clock.ts'
import { createDeskServer, deskOf, openDesk, type Desk } from './desk.ts'

test(
  'CODE-06 a store process that is killed while devices collect leaves each with one session, handed out once or never',
  { timeout: 60_000 },
  async () => {
    let lost = 0
    for (let round = 0; round < 4; round++) {
      const clock = fixedClock(NOON)
      const file = freshFile()
      // Two instances on one file; the store of one of them is a process of its own.
      const here = openStore(file, { clock })
      const owned = await openDesk({ clock, store: here })
      const victim = openRemote(file)
      const dying = deskOf(createDeskServer({ clock, store: victim }), owned.owner)
      const devices: { deviceCode: string; id: string }[] = []
      for (let at = 0; at < 6; at++) {
        const asked = await ask(owned, `203.0.113.${at}`)
        await owned.server.pair.approvals.approve(asked.id, asked)
        devices.push(asked)
      }
      let answered = 0
      const told = await Promise.all(
        devices.flatMap(({ deviceCode }) =>
          Array.from({ length: 7 }, async () => {
            const word = await dying.told(deviceCode)
            if (++answered > round * 2) victim.process.kill('SIGKILL')
            return [deviceCode, word] as const
          }),
        ),
      )
      lost += told.filter(([, word]) => word === 'temporarily_unavailable').length
      const again = deskOf(createDeskServer({ clock, store: here }), owned.owner)
      for (const { deviceCode } of devices) {
        const collected = told.filter(([code, word]) => code === deviceCode && word === 'in').length
        const now = await again.told(deviceCode)
        expect(collected).toBeLessThanOrEqual(1)
        // Whoever got it is not given another; whoever got nothing may have lost the answer alone.
        if (collected === 1) expect(now).toBe('invalid_grant')
        expect(['in', 'invalid_grant']).toContain(now)
      }
      expect((await again.server.pair.sessions.list()).items).toHaveLength(devices.length + 1)
    }
    expect(lost).toBeGreaterThan(0)
  },
)

/** A device asks from there; with all that it takes to approve it. */
async function ask(
  { form, server }: Desk,
  remoteAddress: string,
): Promise<{ deviceCode: string; id: string; digest: string; userCode: string }> {
  const known = new Set((await server.pair.approvals.list()).items.map(({ id }) => id))
  const params = { client_id: 'notes-cli' }
  const { body } = await form('/auth/device_authorization', params, { info: { remoteAddress } })
  const { items } = await server.pair.approvals.list()
  const { id, digest } = items.find((item) => !known.has(item.id))!
  return { deviceCode: String(body.device_code), id, digest, userCode: String(body.user_code) }
}
