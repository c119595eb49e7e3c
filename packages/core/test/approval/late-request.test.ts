import { faultyStore, type Fault, type FaultyStore } from '@pair/testkit/store'
import { describe, expect, test, vi } from 'vitest'
import type { AdmissionMode } from '../../src/admission/admission.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, openDoor, shown, type Applicant } from '../kit/applicants.ts'
import type { Answer, LoggedServer } from '../kit/newcomers.ts'

interface Outage {
  server: LoggedServer
  line: FaultyStore
  guest: Applicant
  enter(who: Applicant): Promise<Answer>
}

/** A newcomer who was told 503: the store fell silent at the commit of his request. */
async function refused(mode: AdmissionMode, key: null | undefined, fault: Fault): Promise<Outage> {
  const line = faultyStore(memoryStore())
  const { server } = await openDoor(mode, { store: line.store })
  const { typed } = await server.pair.codes.issue()
  const guest = await createApplicant(server, key === null ? { key } : {})
  const enter = (who: Applicant): Promise<Answer> =>
    mode === 'approval' ? who.ask() : who.redeem(typed)
  // a key's first commit spends its proof
  line.plan('commit', key === null ? [fault] : [null, fault], { thenDown: true })
  expect(await enter(guest)).toMatchObject({ status: 503, body: { code: 'store_unavailable' } })
  return { server, line, guest, enter }
}

const CASES = (['approval', 'code+approval'] as const).flatMap((mode) =>
  [null, undefined].map(
    (key) => [mode, key === null ? 'without a key' : 'with a key', key] as const,
  ),
)

describe.each(CASES)('SEC-04 in mode %s, of a request %s that was answered 503', (mode, _, key) => {
  test('SEC-04 nothing waits where it was done, and the place and the code are free', async () => {
    const { server, line, enter } = await refused(mode, key, 'error-after')
    line.up()
    expect(await shown(server)).toHaveLength(1)
    await vi.waitFor(async () => expect(await shown(server)).toEqual([]), 8_000)
    expect((await server.pair.codes.list()).items).toMatchObject([{ used: 0, held: 0 }])
    const { items } = await server.pair.audit.read()
    expect(items.at(-1)).toMatchObject({ type: 'approval.displaced', actor: { kind: 'server' } })
    expect((await enter(await createApplicant(server))).status).toBe(202)
  })

  test('SEC-04 nothing waits where it lands late, and the same newcomer may come again', async () => {
    const { server, line, guest, enter } = await refused(mode, key, 'hang-before')
    await line.release()
    line.up()
    await vi.waitFor(async () => expect(await shown(server)).toEqual([]), 8_000)
    expect((await enter(guest)).status).toBe(202)
    expect(await shown(server)).toHaveLength(1)
    expect((await guest.collect()).status).toBe(202)
  })
})
