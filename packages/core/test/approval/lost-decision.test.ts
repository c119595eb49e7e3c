import { expect, test } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, openDoor, seen, type Applicant } from '../kit/applicants.ts'
import { becomes } from '../kit/interruption.ts'
import type { LoggedServer, Newcomer } from '../kit/newcomers.ts'
import { typesTold } from '../kit/owners.ts'

/** A store that does the commit which brings a request into that state, lets something follow, and loses its answer. */
function losing(real: Store): {
  store: Store
  lose(state: string, follow: () => Promise<unknown>): void
} {
  let next: { is: (key: string, value: string) => boolean; follow(): Promise<unknown> } | null =
    null
  return {
    store: {
      ...real,
      async commit(checks, writes) {
        const done = await real.commit(checks, writes)
        const hit = writes.some(
          (write) =>
            'key' in write && write.value !== null && next?.is(write.key.join('/'), write.value),
        )
        if (!hit) return done
        const { follow } = next!
        next = null
        await follow()
        throw new Error('connection reset')
      },
    },
    lose: (state, follow) => void (next = { is: becomes(state), follow }),
  }
}

async function asked(): Promise<{
  server: LoggedServer
  owner: Newcomer
  phone: Applicant
  lose: ReturnType<typeof losing>['lose']
  decide(verb: 'approve' | 'reject'): ReturnType<Newcomer['call']>
}> {
  const { store, lose } = losing(memoryStore())
  const { server, owner } = await openDoor('approval', { store })
  const phone = await createApplicant(server)
  await phone.ask()
  const { id, digest } = await seen(server, phone)
  const decide = (verb: string): ReturnType<Newcomer['call']> =>
    owner.call(`/auth/approvals/${id}/${verb}`, { body: { digest } })
  return { server, owner, phone, lose, decide }
}

const told = async (server: LoggedServer): Promise<string[]> =>
  (await typesTold(server)).filter((type) => type.startsWith('approval.'))

test('SEC-04 an approval whose answer was lost is answered as done, also where its device collected at once', async () => {
  for (const collects of [false, true]) {
    const { server, phone, lose, decide } = await asked()
    let got: number | null = null
    lose('approved', async () => {
      if (collects) got = (await phone.collect()).status
    })
    const answer = await decide('approve')
    expect(got).toBe(collects ? 200 : null)
    expect(answer).toMatchObject({
      status: 200,
      body: { state: collects ? 'collected' : 'approved' },
    })
    if (!collects) expect((await phone.collect()).status).toBe(200)
    expect(await told(server)).toEqual([
      'approval.requested',
      'approval.approved',
      'approval.collected',
    ])
  }
})

test('SEC-04 a rejection whose answer was lost is answered as done, and is one', async () => {
  const { server, phone, lose, decide } = await asked()
  lose('rejected', async () => expect((await phone.collect()).status).toBe(403))
  expect(await decide('reject')).toMatchObject({ status: 200, body: { state: 'rejected' } })
  expect(await told(server)).toEqual(['approval.requested', 'approval.rejected'])
})

test('SEC-04 a decision that another one came before is not taken for done', async () => {
  const { server, phone, lose, decide } = await asked()
  lose('approved', async () => {})
  expect((await decide('approve')).status).toBe(200)
  // the same person, the same digest, another decision
  expect(await decide('approve')).toMatchObject({
    status: 409,
    body: { code: 'approval_decided', state: 'approved' },
  })
  expect((await phone.collect()).status).toBe(200)
  expect(await decide('reject')).toMatchObject({ status: 409, body: { state: 'collected' } })
  expect(await told(server)).toHaveLength(3)
})
