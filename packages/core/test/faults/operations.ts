import type { IssuedCodeAnswer, TicketAnswer } from '../../src/http/wire.ts'
import { readEvents } from '../kit/events.ts'
import { ORIGIN } from '../kit/server.ts'
import { letterOf, toRequest, writeLetters, type Letters } from '../records/letters.ts'
import type { Story } from '../records/story.ts'
import { RENAMED } from './invariants.ts'
import { guessOperations } from './guess-operations.ts'
import { createMakers, type Operation, type Rest } from './makers.ts'
import { letsIn, outcomeOf, outcomeOfCall, type Stage } from './stage.ts'
import { codeWorks, credentialHolds, isOut, nobodyNew, type Gave } from './truths.ts'
import { waitingOperations } from './waiting-operations.ts'

/** Every public method and every route, each with a call that is right in this story. */
export async function operationsOf(story: Story): Promise<Operation[]> {
  const letters: Letters = await writeLetters(story)
  const { parties, codes, at } = story
  const owner = parties.owner!
  const makers = createMakers(story, letters)
  const { operations, operate, wire, route, call, asks, socket } = makers

  // pairing and renewal
  const redeem: Rest = { mints: true, isTrue: credentialHolds, isUndone: nobodyNew }
  for (const code of ['open', 'crowd', 'given']) wire(`code ${code}`, redeem)
  wire('code bound for its key', redeem)
  wire('code for a key that is known', redeem)
  wire('code of a lost answer', redeem)
  for (const name of ['owner', 'browser', 'bearer', 'dpop']) wire(`renewal of ${name}`, redeem)

  // who asks
  for (const name of ['owner', 'browser', 'bearer', 'dpop']) wire(`session of ${name}`)
  const asker = (letter = 'guard for owner'): Request => toRequest(letters[letter]!)
  call('authenticate', (pair) => pair.authenticate(asker()))
  asks('guard', (pair) => pair.guard(asker(), undefined, { scopes: ['access:read'] as never }))
  asks('guard by a ticket', (pair) => pair.guard(asker('stream ticket'), undefined, {}))
  asks('identify', (pair) => pair.identify(asker()))

  // tickets and sockets
  wire('ticket of owner', {
    mints: true,
    isTrue: async ({ truth }, { body }: Gave<TicketAnswer>) =>
      !(
        (await truth.openSocket(
          new Request(`${ORIGIN}/live?ticket=${body.ticket}`),
          undefined,
          {},
        )) instanceof Response
      ),
  })
  socket('openSocket, attach, receive: a ticket with a key', () =>
    toRequest(letters['socket ticket']!),
  )
  socket('openSocket, attach, receive: a ticket', () =>
    toRequest(letters['socket ticket of bearer']!),
  )
  socket(
    'openSocket, attach, receive: a cookie',
    () =>
      new Request(`${ORIGIN}/live`, {
        headers: { cookie: parties.browser!.cookie, origin: ORIGIN },
      }),
  )

  // who has access
  await route('health', 'GET', '/health')
  for (const list of ['access', 'codes', 'sessions', 'devices'])
    await route(`list of ${list}`, 'GET', `/${list}`)
  letters.events = await letterOf(at, 'GET', '/auth/access/events?after=start', { party: owner })
  operate('GET /auth/access/events', async ({ pair }) => {
    const response = (await pair.handler(toRequest(letters.events!)))!
    if (!response.ok) return outcomeOf(response)
    const reader = readEvents(response)
    let told = await reader.next()
    while (told?.event === 'comment') told = await reader.next()
    await reader.cancel()
    return told?.event === 'change'
      ? { ok: true, gave: null, said: 'change' }
      : { ok: false, code: String(told && JSON.parse(told.data).code) }
  })
  const codeIssued: Rest = {
    mints: true,
    isTrue: (stage, { body }: Gave<IssuedCodeAnswer>) => codeWorks(stage, body.typed),
  }
  await route('a code', 'POST', '/codes', codeIssued, { body: {} })
  const codeGone: Rest = {
    isTrue: async (stage) => !(await codeWorks(stage, codes.open!.typed)),
  }
  await route('the end of a code', 'DELETE', `/codes/${codes.open!.id}`, codeGone)
  const bearerGone: Rest = { isTrue: (stage) => isOut(stage, 'bearer') }
  await route(
    'the end of a session',
    'DELETE',
    `/sessions/${parties.bearer!.sessionId}`,
    bearerGone,
  )
  const dpopGone: Rest = { isTrue: (stage) => isOut(stage, 'dpop') }
  await route('the end of a device', 'DELETE', `/devices/${parties.dpop!.deviceId}`, dpopGone)
  const isNarrow: Rest = {
    isTrue: async ({ truth }) =>
      (await truth.sessions.list()).items
        .find(({ id }) => id === parties.bearer!.sessionId)
        ?.scopes.join() === 'notes:read',
  }
  const narrow = { body: { scopes: ['notes:read'] } }
  await route('fewer scopes', 'PATCH', `/sessions/${parties.bearer!.sessionId}`, isNarrow, narrow)
  const isRenamed: Rest = {
    isTrue: async ({ truth }) =>
      (await truth.devices.list()).items.find(({ id }) => id === parties.dpop!.deviceId)?.label ===
      RENAMED,
  }
  await route('a label', 'PATCH', `/devices/${parties.dpop!.deviceId}`, isRenamed, {
    body: { label: RENAMED },
  })
  const ownerStands = async ({ truth }: Stage): Promise<boolean> =>
    letsIn(truth, { cookie: owner.cookie })
  const ownerAlone: Rest = {
    isTrue: async (stage) =>
      (await ownerStands(stage)) && isOut(stage, 'browser', 'bearer', 'dpop'),
    isUndone: ownerStands,
  }
  await route('the end of all others', 'POST', '/sessions/revoke-others', ownerAlone)
  const nobody: Rest = { isTrue: (stage) => isOut(stage, 'owner', 'browser', 'bearer', 'dpop') }
  await route('the end of all', 'POST', '/sessions/revoke-all', nobody)
  const ownerGone: Rest = { isTrue: (stage) => isOut(stage, 'owner') }
  await route('logout', 'POST', '/logout', ownerGone)

  // the same in process
  call('startupCode', (pair) => pair.startupCode({ origin: ORIGIN }), {
    isTrue: (stage, { typed }: { typed: string }) => codeWorks(stage, typed),
    // the start is not over: asked again, it is there
    isUndone: async (stage) =>
      codeWorks(stage, (await stage.pair.startupCode({ origin: ORIGIN })).typed),
  })
  call('codes.issue', (pair) => pair.codes.issue(), {
    isTrue: (stage, { typed }: { typed: string }) => codeWorks(stage, typed),
  })
  call('codes.list', (pair) => pair.codes.list())
  call('codes.revoke', (pair) => pair.codes.revoke(codes.open!.id), codeGone)
  call('sessions.list', (pair) => pair.sessions.list())
  call('sessions.revoke', (pair) => pair.sessions.revoke(parties.bearer!.sessionId), bearerGone)
  call('sessions.revokeOthers', (pair) => pair.sessions.revokeOthers(owner.sessionId), ownerAlone)
  call('sessions.revokeAll', (pair) => pair.sessions.revokeAll(), nobody)
  call(
    'sessions.narrow',
    (pair) => pair.sessions.narrow(parties.bearer!.sessionId, ['notes:read'] as never),
    isNarrow,
  )
  call('devices.list', (pair) => pair.devices.list())
  call('devices.rename', (pair) => pair.devices.rename(parties.dpop!.deviceId, RENAMED), isRenamed)
  call('devices.revoke', (pair) => pair.devices.revoke(parties.dpop!.deviceId), dpopGone)
  call('audit.read', (pair) => pair.audit.read({ limit: 5 }))
  call('sweep', (pair) => pair.sweep())
  operate(
    'on',
    async ({ pair }) => {
      const stop = [pair.on('change', () => {}), pair.on('refused', () => {})]
      const outcome = await outcomeOfCall(() => pair.codes.issue())
      for (const each of stop) each()
      return outcome
    },
    { isTrue: (stage, { typed }: { typed: string }) => codeWorks(stage, typed) },
  )
  call('close', (pair) => pair.close())
  await waitingOperations(story, makers)
  await guessOperations(story, makers)
  return operations
}
