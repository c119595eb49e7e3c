import type { Stage } from './stage.ts'

/** What another version stored, and told nobody. */
export const FOREIGN_MODE = 'of-a-newer-version'

/** A record as it is stored, with the words of its key. */
export interface Held {
  word: string
  id: string
  part: string | undefined
  record: Record<string, unknown>
}

export interface Told {
  actor: { kind: string }
  type: string
  codeId?: string
  sessionId?: string
  deviceId?: string
  approvalId?: string
  detail?: Record<string, unknown>
}

/** What must hold of requests, the mode and the first owner; every line is a breach. */
export function waitingBreaches(
  records: readonly Held[],
  told: readonly Told[],
  { story }: Stage,
): string[] {
  const breaches: string[] = []
  const of = (word: string): Held[] =>
    records.filter((each) => each.word === word && (each.part ?? 'record') === 'record')
  const ofType = (...types: string[]): Told[] => told.filter(({ type }) => types.includes(type))
  const approvals = of('approval')
  const sessions = of('session')
  const forgotten = new Set(ofType('approval.forgotten').map(({ approvalId }) => approvalId))

  // Each verdict and each end is told once, and nothing is told that is not so.
  const ends: [state: string, ...types: string[]][] = [
    ['rejected', 'approval.rejected'],
    ['collected', 'approval.collected'],
    ['expired', 'approval.expired'],
    ['withdrawn', 'approval.withdrawn', 'approval.displaced'],
  ]
  for (const [state, ...types] of ends) {
    const facts = approvals.filter(({ record }) => record.state === state).map(({ id }) => id)
    const events = ofType(...types)
      .map(({ approvalId }) => approvalId!)
      .filter((id) => !forgotten.has(id))
    if (facts.sort().join() !== events.sort().join())
      breaches.push(`${state}: ${facts.length} requests, ${events.length} told`)
  }
  const approved = ofType('approval.approved').map(({ approvalId }) => approvalId)
  const asked = new Set(ofType('approval.requested').map(({ approvalId }) => approvalId))
  if (new Set(approved).size !== approved.length) breaches.push('an approval that was told twice')
  for (const { id, record } of approvals) {
    if (!asked.has(id)) breaches.push('a request that was not told')
    const isApproved = record.state === 'approved' || record.state === 'collected'
    if (isApproved && !approved.includes(id)) breaches.push('an approval that was not told')
    if (record.state === 'pending' && approved.includes(id))
      breaches.push('told as approved, and it waits')
    if (record.state === 'collected' && !sessions.some((each) => each.id === record.sessionId))
      breaches.push('a request that was collected without a session')
  }

  // Nobody is in by a request that nobody approved, or twice by one.
  const collected = ofType('approval.collected')
  const returned = new Set(ofType('device.returned').map(({ sessionId }) => sessionId))
  for (const { id, record } of sessions) {
    if (record.approvalId === null || returned.has(id)) continue
    const approvalId = record.approvalId as string
    const by = approvals.find((each) => each.id === approvalId)
    const isForgotten = forgotten.has(approvalId)
    if (!isForgotten && by?.record.sessionId !== id)
      breaches.push('a session by no request of its own')
    if (!approved.includes(approvalId)) breaches.push('a session that nobody approved')
    if (collected.filter(({ sessionId }) => sessionId === id).length !== 1)
      breaches.push('a session whose collecting was not told once')
  }

  // A use of a code is there, held, used or burned, and never two of these.
  for (const { id, record } of of('code')) {
    const live = approvals.filter(({ record: each }) => {
      const end =
        each.state === 'pending' ? each.expiresAt : each.state === 'approved' ? each.collectBy : 0
      return each.codeId === id && story.at < Number(end)
    })
    const holds = record.holds as string[]
    if (live.some((each) => !holds.includes(each.id))) breaches.push('a request that holds nothing')
    if (record.uses !== null && Number(record.used) + live.length > Number(record.uses))
      breaches.push('a code that is held too often')
  }
  const places = of('approval-queue')[0]?.record.places as { id: string; expiresAt: number }[]
  for (const { id, record } of approvals)
    if (record.state === 'pending' && story.at < Number(record.expiresAt))
      if (places.filter((place) => place.id === id).length !== 1)
        breaches.push('a request that waits without a place')

  // The mode is the one that was told last, and so is the owner.
  const [mode] = of('admission')
  const isForeign = mode?.record.mode === FOREIGN_MODE
  if (!isForeign && mode?.record.mode !== ofType('admission.changed').at(-1)?.detail?.to)
    breaches.push('a mode that was not told')
  const rowOf = (word: string): Record<string, unknown> => {
    const row = story.rows.find(({ key }) => key[1] === word)!
    return (JSON.parse(row.value) as { record: Record<string, unknown> }).record
  }
  const entries = (epoch: Record<string, unknown> | undefined): string =>
    JSON.stringify(epoch?.entries ?? [])
  const [epoch] = of('epoch')
  const turns = ofType('admission.changed').filter(({ detail }) => detail?.reevaluated === true)
  const isEnded = entries(epoch?.record) !== entries(rowOf('epoch'))
  // A new epoch has no entries: it is one for all.
  if (epoch?.record.id === rowOf('epoch').id && turns.length !== 1 + Number(isEnded))
    breaches.push('an end of some that was not told once')
  // A claim that was refused and found done is taken back: its session is ended, and who has the secret may claim again.
  const undone = ofType('session.revoked')
    .filter(({ actor }) => actor.kind === 'server')
    .map(({ sessionId }) => sessionId)
  const claims = ofType('owner.claimed')
    .map(({ sessionId }) => sessionId)
    .filter((id) => !undone.includes(id))
  const [owner] = of('owner')
  const isOwned = owner?.record.state === 'claimed'
  if (isOwned && owner.record.sessionId !== claims.at(-1))
    breaches.push('an owner that was not told')
  if (!isOwned && claims.length !== 1) breaches.push('told of an owner that is none')
  if (claims.length > 2 || new Set(claims).size !== claims.length)
    breaches.push('more than one owner')
  return breaches
}
