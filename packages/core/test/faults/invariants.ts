import { dumpStore } from '../kit/dump.ts'
import { agentBreaches } from './agent-invariants.ts'
import { deviceBreaches } from './device-operations.ts'
import { guessBreaches } from './guess-operations.ts'
import { relayBreaches } from './relay-operations.ts'
import { letsIn, type Stage } from './stage.ts'
import { waitingBreaches, type Held, type Told } from './waiting-invariants.ts'

/** The label that a device is given in these tests, and nobody else has. */
export const RENAMED = 'Renamed'

/** Who was out when the story ended. */
const GONE = ['left', 'dismissed', 'revoked', 'banished', 'leaver', 'replaced']

/** What must hold of a store whatever happened; every line is a breach. Asks the records themselves, not core. */
export async function breachesOf(stage: Stage): Promise<string[]> {
  const { real, truth, story } = stage
  const rows = await dumpStore(real)
  const records = rows.flatMap(({ key, value }): Held[] => {
    if (key[0] === 'journal') return []
    const { record } = JSON.parse(value) as { record: Record<string, unknown> | null }
    return record ? [{ word: key[1]!, id: key[2] ?? '', part: key[3], record }] : []
  })
  const told = rows
    .filter(({ key }) => key[0] === 'journal')
    .map(({ value }) => JSON.parse(value) as Told)
  const of = (word: string, part = 'record'): typeof records =>
    records.filter((each) => each.word === word && each.part === part)
  const breaches = waitingBreaches(records, told, stage)
  breaches.push(...(await guessBreaches(records, stage)))
  breaches.push(...(await agentBreaches(records, told, stage)))
  breaches.push(...deviceBreaches(records), ...relayBreaches(records, told))
  const same = (
    what: string,
    facts: (string | undefined)[],
    events: (string | undefined)[],
  ): void => {
    if (facts.sort().join() !== events.sort().join())
      breaches.push(`${what}: ${facts.length} in the records, ${events.length} in the journal`)
  }
  const events = (
    id: 'codeId' | 'sessionId' | 'deviceId',
    ...types: string[]
  ): (string | undefined)[] =>
    told.filter(({ type }) => types.includes(type)).map((event) => event[id])
  const ids = (list: typeof records): string[] => list.map(({ id }) => id)
  const reason = (list: typeof records, ...reasons: string[]): typeof records =>
    list.filter(({ record }) => reasons.includes(String(record.reason)))

  const [codes, sessions] = [of('code'), of('session')]
  for (const { id, record } of codes) {
    const made = sessions.filter((session) => session.record.codeId === id).length
    if (record.uses !== null && Number(record.used) > Number(record.uses))
      breaches.push('a code was used too often')
    const burned = told.filter(
      ({ type, codeId }) => type === 'approval.rejected' && codeId === id,
    ).length
    // who is answered again gets another session for the same use
    const again = told.filter(
      ({ type, codeId, detail }) =>
        type === 'code.redeemed' && codeId === id && detail?.repeat === true,
    ).length
    // a support code gives an agent its key, and nobody a session
    const bound = told.filter(
      ({ type, codeId }) => type === 'agent_key.bound' && codeId === id,
    ).length
    if (record.used !== made - again + burned + bound)
      breaches.push(
        `a code was used ${Number(record.used)} times, made ${made} sessions, ${again} of them again, was burned ${burned} times and bound ${bound}`,
      )
  }
  for (const { record } of sessions) {
    const parts = [
      ['grant', record.grantId],
      ['device', record.deviceId],
    ]
    if (!parts.every(([word, id]) => records.some((each) => each.word === word && each.id === id)))
      breaches.push('a session without its grant or device')
  }
  const sessionMarks = of('session', 'revoked')
  same('codes issued', ids(codes), events('codeId', 'code.issued'))
  same(
    'sessions begun',
    ids(sessions),
    events('sessionId', 'code.redeemed', 'approval.collected', 'device.returned', 'owner.claimed'),
  )
  same(
    'codes revoked',
    ids(of('code', 'revoked')),
    events('codeId', 'code.revoked', 'code.evicted'),
  )
  same(
    'sessions ended',
    ids(reason(sessionMarks, 'revoked', 'logout')),
    events('sessionId', 'session.revoked', 'session.ended'),
  )
  same('devices revoked', ids(of('device', 'revoked')), events('deviceId', 'device.revoked'))
  same(
    'codes expired',
    ids(codes.filter(({ record }) => record.state === 'expired')),
    events('codeId', 'code.expired'),
  )
  const before = (word: string, id: string): Record<string, unknown> | undefined => {
    const row = story.rows.find(
      ({ key }) => key[1] === word && (word === 'epoch' || key[2] === id) && key[3] !== 'revoked',
    )
    return row && (JSON.parse(row.value) as { record: Record<string, unknown> }).record
  }
  const changed = (word: string, field: string): typeof records =>
    of(word).filter(({ id, record }) => {
      const old = before(word, id)
      return old !== undefined && JSON.stringify(old[field]) !== JSON.stringify(record[field])
    })
  const renamed = of('device').filter(({ record }) => record.label === RENAMED)
  same('devices renamed', ids(renamed), events('deviceId', 'device.renamed'))
  const narrowed = told.filter(({ type }) => type === 'session.narrowed').length
  if (changed('grant', 'scopes').length !== narrowed)
    breaches.push('a narrowing that was not told once')
  const epoch = records.find(({ word }) => word === 'epoch')?.record.id
  const turns = told.filter(({ type }) => type.startsWith('sessions.')).length
  const turned = epoch !== before('epoch', '')?.id
  if (turns !== 1 + Number(turned)) breaches.push('a new epoch that was not told once')
  for (const name of GONE)
    if (await letsIn(truth, { cookie: story.parties[name]!.cookie }))
      breaches.push(`${name} is in again`)
  return breaches
}
