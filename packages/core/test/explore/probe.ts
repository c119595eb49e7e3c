import type { Facts } from './facts.ts'
import { epochOf, hasTime, listOf, modeOf, waits } from './facts.ts'
import { RELAYED } from './deeds/relays.ts'
import { thumbprintOf, TIMES } from './instance.ts'
import type { End } from './law.ts'
import type { Hands } from './live-actor.ts'
import { arrival, countedTry, type Town } from './town.ts'

/** What is left when all is over, asked by who comes then. */
export async function probeTown(hands: Hands, town: Town, end: End): Promise<string | null> {
  return (
    (await probeCode(hands, town, end)) ??
    (await probeRelay(hands, end)) ??
    (await probeRequest(hands, end))
  )
}

/** A code is worth what nobody used, holds or ended; asked by a stranger who comes with it. */
async function probeCode(
  { services }: Hands,
  town: Town,
  { facts, now }: End,
): Promise<string | null> {
  const code = facts.record('code', town.code.id)
  const mode = modeOf(facts)
  if (!code || (mode !== 'code' && mode !== 'code+approval')) return null
  const { fields } = code
  const holders = listOf(fields.holds).flatMap((id) => facts.record('approval', id) ?? [])
  const held = holders.filter((holder) => waits(facts, holder, now))
  const isFree =
    fields.state === 'open' &&
    !facts.marked('code', code.id) &&
    fields.epoch === epochOf(facts) &&
    now < Number(fields.expiresAt) &&
    Number(fields.used) + held.length < Number(fields.uses)
  const stranger = { ...arrival('stranger'), network: 'elsewhere' }
  const answer = await services.redeemer.redeem(stranger, countedTry(town.code.typed)).then(
    ({ status }) => status as string,
    (error: { code: string }) => error.code,
  )
  const isCooling = facts
    .all('approval')
    .some(
      ({ fields }) =>
        fields.codeId === code.id &&
        fields.state === 'rejected' &&
        now < Number(fields.decidedAt) + TIMES.coolDownMs,
    )
  if (isFree && isCooling && answer === 'approval_limited') return null
  const meant = isFree ? (mode === 'code' ? 'authorized' : 'pending') : 'code_invalid'
  return answer === meant
    ? null
    : `what is left of a code can be used: a stranger with it was told ${answer}, not ${meant}`
}

/** What may be said once is used up by who was answered, and by nobody else; asked by a relay that sends it again. */
async function probeRelay({ services }: Hands, { facts, parts }: End): Promise<string | null> {
  const mints = parts.filter(({ node }) => node.notes.mints)
  const isSure = mints.every(({ node }) => node.outcome !== null)
  if (mints.length === 0 || !isSure) return null
  const answer = await services.minter.mint(RELAYED, null).then(
    () => 'answered',
    (error: { code: string }) => error.code,
  )
  const isUsed = mints.some(({ node }) => node.outcome?.ok)
  const open = modeOf(facts) === 'closed' ? 'admission_refused' : 'answered'
  const meant = isUsed ? 'relay_refused' : open
  return answer === meant
    ? null
    : `what may be said once is used up by who was answered: a relay was told ${answer}, not ${meant}`
}

/** A key that nobody turned away, or that was forgotten, may ask. */
async function probeRequest({ services }: Hands, { facts, now }: End): Promise<string | null> {
  if (modeOf(facts) !== 'approval' || isFull(facts, now)) return null
  const rejected = facts.all('approval').filter(({ fields }) => fields.state === 'rejected')
  const own = rejected.some(({ fields }) => fields.thumbprint === thumbprintOf('carol'))
  const near = rejected.some(({ fields }) => now < Number(fields.decidedAt) + TIMES.coolDownMs)
  if (own || near) return null
  const answer = await services.requester.request(arrival('carol')).then(
    ({ status }) => status as string,
    (error: { code: string }) => error.code,
  )
  return answer === 'pending' || answer === 'authorized'
    ? null
    : `who was not turned away, or forgotten, may ask: carol was told ${answer}`
}

function isFull(facts: Facts, now: number): boolean {
  const waiting = facts.all('approval').filter((each) => hasTime(each, now))
  return waiting.filter(({ fields }) => fields.thumbprint !== thumbprintOf('carol')).length > 1
}
