import { expect, test } from 'vitest'
import { createApplicant, openDoor, type Applicant } from '../kit/applicants.ts'
import type { LoggedServer } from '../kit/newcomers.ts'

async function ask(server: LoggedServer, address: string): Promise<Applicant> {
  const who = await createApplicant(server, { address })
  expect((await who.ask()).status).toBe(202)
  return who
}

test('APP-09 the oldest of a network goes first, also where it calls itself something else meanwhile', async () => {
  const { server } = await openDoor()
  const oldest = await ask(server, '203.0.113.7')
  server.clock.advance(60_000)
  const younger = await ask(server, '203.0.113.7')
  server.clock.advance(300_000)
  oldest.label = 'Another phone'
  await oldest.ask()
  await ask(server, '203.0.113.7')
  expect([(await oldest.collect()).status, (await younger.collect()).status]).toEqual([410, 202])
})

test.each(['everybody was signed out', 'their code was revoked'] as const)(
  'APP-09 requests that are over since %s take no places',
  async (how) => {
    const { server } = await openDoor(
      how === 'their code was revoked' ? 'code+approval' : 'approval',
    )
    const { typed, code } = await server.pair.codes.issue({ uses: 5 })
    const ask = async (text: string): Promise<number> => {
      const who = await createApplicant(server)
      return (await (how === 'their code was revoked' ? who.redeem(text) : who.ask())).status
    }
    expect([await ask(typed), await ask(typed), await ask(typed)]).toEqual([202, 202, 429])
    if (how === 'their code was revoked') await server.pair.codes.revoke(code.id)
    else await server.pair.sessions.revokeAll()
    expect(await server.pair.approvals.list()).toMatchObject({ items: [] })
    const { typed: next } = await server.pair.codes.issue({ uses: 5 })
    expect([await ask(next), await ask(next), await ask(next)]).toEqual([202, 202, 429])
  },
)
