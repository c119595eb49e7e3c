import type { AdmissionMode } from '../../src/admission/admission.ts'
import type { PendingWire } from '../../src/http/approval-wire.ts'
import { ORIGIN } from '../kit/server.ts'
import type { Story } from '../records/story.ts'
import type { OperationMakers, Rest } from './makers.ts'
import { letsIn, type Stage } from './stage.ts'
import { FOREIGN_MODE } from './waiting-invariants.ts'
import {
  codeWorks,
  collects,
  credentialHolds,
  isOut,
  nobodyNew,
  stateOf,
  turned,
  type Gave,
} from './truths.ts'

/** The mode in truth is that one. */
const isMode =
  (mode: AdmissionMode) =>
  async ({ truth }: Stage): Promise<boolean> =>
    (await truth.admission.get()).mode === mode

/** What was answered as waiting waits, and what was shown is what whoever decides sees. */
async function waits({ truth }: Stage, { body }: Gave<PendingWire>): Promise<boolean> {
  const { id, matchCode } = body.approval
  const { items } = await truth.approvals.list()
  return items.some(
    (item) => item.id === id && item.matchCode === matchCode && item.state === 'pending',
  )
}

/** Nobody owns this server yet, as far as the store and the secrets know. */
async function disown({ real, secrets }: Stage): Promise<void> {
  const key = ['pair', 'owner']
  const { version } = (await real.read(key))!
  await real.commit([{ key, version }], [{ key, value: null }])
  secrets.isSpent = false
}

/** A mode that another version stored. */
async function estrange({ real }: Stage): Promise<void> {
  const key = ['pair', 'admission']
  const { value } = (await real.read(key))!
  const envelope = JSON.parse(value) as { record: object }
  const record = { ...envelope.record, mode: FOREIGN_MODE }
  await real.commit([], [{ key, value: JSON.stringify({ ...envelope, record }), purgeAt: null }])
}

/** Everything that has to do with requests, the mode and the first owner, each with a call that is right in this story. */
export async function waitingOperations(
  { waiting, parties, codes, rows }: Story,
  { wire, route, call }: OperationMakers,
): Promise<void> {
  const enters: Rest = { mints: true, isTrue: credentialHolds, isUndone: nobodyNew }
  const asks: Rest = { isTrue: waits, isUndone: nobodyNew }
  const idOf = (name: string): string => waiting[name]!.approvalId
  const becomes = (name: string, state: string): Rest => ({
    isTrue: async (stage) => (await stateOf(stage, idOf(name))) === state,
  })
  /** Who was told that it could not be confirmed is not to find somebody in. */
  const isLetIn = (name: string): Rest => ({
    ...becomes(name, 'approved'),
    isUndone: async (stage) => (await stateOf(stage, idOf(name))) !== 'approved',
  })

  // asking and collecting
  wire('request of a newcomer', { ...turned('approval'), ...asks })
  wire('request without a key', { ...turned('approval'), ...asks })
  wire('another request of pending', { ...turned('approval'), ...asks })
  wire('request of a known device', { ...turned('approval'), ...enters })
  wire('code for who has to wait', { ...turned('code+approval'), ...asks })
  wire('claim of pending', { ...turned('approval'), ...asks })
  wire('claim of approved', { ...turned('approval'), ...enters })
  wire('claim of approved without a key', { ...turned('approval'), ...enters })
  wire('claim of promised', { ...turned('code+approval'), ...enters })
  for (const name of ['pending', 'pending without a key', 'approved', 'holder'])
    wire(`withdrawal of ${name}`, becomes(name, 'gone'))
  wire('claim of the owner', { before: disown, ...enters })

  // deciding
  const verdict = (name: string): { body: object } => ({ body: { digest: waiting[name]!.digest } })
  const at = (name: string, verb = ''): string => `/approvals/${idOf(name)}${verb}`
  await route('list of approvals', 'GET', '/approvals')
  await route(
    'an approval',
    'POST',
    at('pending', '/approve'),
    { ...turned('approval'), ...isLetIn('pending') },
    verdict('pending'),
  )
  await route(
    'an approval of who holds a code',
    'POST',
    at('holder', '/approve'),
    { ...turned('code+approval'), ...isLetIn('holder') },
    verdict('holder'),
  )
  await route(
    'a rejection',
    'POST',
    at('pending', '/reject'),
    becomes('pending', 'rejected'),
    verdict('pending'),
  )
  await route('forgetting', 'DELETE', at('rejected'), becomes('rejected', 'gone'))
  const mode = rows.find(({ key }) => key[1] === 'admission')!
  const { version } = (JSON.parse(mode.value) as { record: { version: string } }).record
  await route('the mode', 'GET', '/admission')
  await route(
    'another mode',
    'PUT',
    '/admission',
    { isTrue: isMode('approval') },
    {
      body: { mode: 'approval', version },
    },
  )
  const others: Rest = {
    isTrue: async (stage) =>
      (await isMode('approval')(stage)) && (await isOut(stage, 'browser', 'dpop')),
  }
  await route('another mode for all', 'PUT', '/admission', others, {
    body: { mode: 'approval', version, reevaluate: true },
  })

  // the same in process
  const digest = (name: string): { digest: string } => ({ digest: waiting[name]!.digest })
  call('approvals.list', (pair) => pair.approvals.list())
  call(
    'approvals.approve',
    ({ approvals }) => approvals.approve(idOf('pending'), digest('pending')),
    {
      ...turned('approval'),
      ...isLetIn('pending'),
    },
  )
  call(
    'approvals.reject',
    ({ approvals }) => approvals.reject(idOf('pending'), digest('pending')),
    becomes('pending', 'rejected'),
  )
  const burned: Rest = {
    isTrue: async (stage) =>
      (await stateOf(stage, idOf('holder'))) === 'rejected' &&
      !(await codeWorks(stage, codes.holder!.typed)),
  }
  call(
    'approvals.reject: who holds a code',
    ({ approvals }) => approvals.reject(idOf('holder'), digest('holder')),
    burned,
  )
  call(
    'approvals.forget',
    ({ approvals }) => approvals.forget(idOf('rejected')),
    becomes('rejected', 'gone'),
  )
  call('approvals.forget: approved', ({ approvals }) => approvals.forget(idOf('approved')), {
    isTrue: async (stage) =>
      (await stateOf(stage, idOf('approved'))) === 'gone' && !(await collects(stage, 'approved')),
  })
  call('approvals.readProof', ({ approvals }) => approvals.readProof('a.b.c'))
  call('admission.get', ({ admission }) => admission.get())
  call('admission.set', ({ admission }) => admission.set('closed'), {
    isTrue: async (stage) =>
      (await isMode('closed')(stage)) && !(await codeWorks(stage, codes.open!.typed)),
  })
  const ended: Rest = {
    isTrue: async (stage) =>
      (await isMode('code+approval')(stage)) &&
      (await isOut(stage, 'owner', 'browser', 'admitted', 'guest')) &&
      letsIn(stage.truth, { cookie: parties.doubly!.cookie }),
  }
  call(
    'admission.set for all',
    ({ admission }) => admission.set('code+approval', { reevaluate: true }),
    ended,
  )
  call('admission.recover', ({ admission }) => admission.recover('code'), {
    before: estrange,
    isTrue: (stage) => codeWorks(stage, codes.open!.typed),
  })
  const secret: Rest = {
    before: disown,
    isTrue: async ({ truth }, gave: never) =>
      JSON.stringify(await truth.ownerSecret({ origin: ORIGIN })) === JSON.stringify(gave),
  }
  call('ownerSecret', (pair) => pair.ownerSecret({ origin: ORIGIN }), secret)
  call('sweep of what ran out', (pair) => pair.sweep(), {
    isTrue: async ({ truth }) => {
      // What could not be told is told the next time, and once.
      await truth.sweep()
      const { items } = await truth.audit.read({ limit: 1_000 })
      const told = items.filter(({ type }) => type === 'approval.expired')
      return ['unheard', 'uncollected'].every(
        (name) => told.filter(({ approvalId }) => approvalId === idOf(name)).length === 1,
      )
    },
  })
}
