import type { Change, Law } from '../law.ts'
import {
  textOf,
  epochOf,
  isWithin,
  listOf,
  modeOf,
  newIn,
  redemptionOf,
  repeatedBy,
  stands,
  waits,
  wayOf,
  type Fact,
  type Facts,
} from '../facts.ts'

type Fields = Fact['fields']

/** Nobody is let in at an instant at which what lets him in does not stand. */
export const mintLaw: Law = {
  name: 'a session is made only by what stands at that instant',
  change({ before, after, now }: Change): string | null {
    for (const { id, fields: session } of newIn(before, after, 'session')) {
      const fault = faultOf(before, after, session, now)
      if (fault) return `${id} was made, but ${fault}`
    }
    return null
  },
}

function faultOf(before: Facts, after: Facts, session: Fields, now: number): string | null {
  const way = wayOf(session)
  const deviceId = textOf(session.deviceId)
  const grant = after.record('grant', textOf(session.grantId))?.fields
  const device = after.record('device', deviceId)?.fields
  if (session.epoch !== epochOf(before, way)) return 'its epoch was over'
  if (!grant || !device) return 'it has no device or no grant'
  if (before.marked('device', deviceId)) return 'its device was revoked'
  if (device.thumbprint !== session.thumbprint) return 'its key is not that of its device'
  const code = session.codeId ? before.record('code', textOf(session.codeId)) : null
  if (session.codeId && !code) return 'its code is gone'
  const approval = session.approvalId ? before.record('approval', textOf(session.approvalId)) : null
  const mode = modeOf(before)
  if (way === 'code' && mode !== 'code') return `the mode was ${textOf(mode)}`
  if (session.approvalId) {
    if (mode !== 'approval' && mode !== 'code+approval') return `the mode was ${textOf(mode)}`
    if (!approval || approval.fields.state === 'collected')
      return faultOfReturn(before, device, session, grant, now)
    if (!code && mode === 'code+approval') return 'it came without a code'
    const fault = faultOfApproval(before, approval, session, grant, now)
    if (fault) return fault
  }
  const first = repeatedBy(before, after, session)
  if (code && first) return faultOfRepeat(before, code, first, session, grant, now)
  const had = approval ? null : redemptionOf(before, session)
  if (had && now < had.at + 60_000) return 'whoever has redeemed it used up one more'
  return code && faultOfCode(before, code, approval, session, grant, now)
}

/** Who redeemed is answered again for a minute, as long as he did nothing with what he got, and nobody ended it. */
function faultOfRepeat(
  before: Facts,
  { id, fields }: Fact,
  first: { sessionId: string; at: number },
  session: Fields,
  grant: Fields,
  now: number,
): string | null {
  const had = before.record('session', first.sessionId)?.fields
  if (before.marked('code', id)) return 'its code was revoked'
  if (fields.epoch !== epochOf(before)) return 'its code was of an epoch that is over'
  if (!stands(before, first.sessionId, now)) return 'what it repeats stood no more'
  if (before.record('presence', first.sessionId)) return 'what it repeats was in use'
  if (!(now < first.at + 60_000)) return 'what it repeats is long ago'
  if (had?.codeId !== id || had.deviceId !== session.deviceId) return 'it repeats something else'
  const given = before.record('grant', textOf(had.grantId))?.fields.scopes
  if (!isWithin(grant.scopes, given)) return 'it has more scopes than what it repeats'
  const issuer = fields.issuer as { sessionId: string } | null
  return !issuer || stands(before, issuer.sessionId, now)
    ? null
    : 'who issued its code stood no more'
}

function faultOfApproval(
  before: Facts,
  approval: Fact,
  session: Fields,
  grant: Fields,
  now: number,
): string | null {
  const { fields } = approval
  if (fields.state !== 'approved') return `its approval was ${textOf(fields.state)}`
  if (!waits(before, approval, now)) return 'its approval was over'
  if (fields.thumbprint !== session.thumbprint) return 'another key had asked'
  const { granted } = fields
  if (!isWithin(granted, fields.scopes)) return 'more was approved than was asked for'
  return isWithin(grant.scopes, granted) ? null : 'it has more scopes than were approved'
}

/** A known device is let in again without asking: by what it was given the last time. */
function faultOfReturn(
  before: Facts,
  present: Fields,
  session: Fields,
  grant: Fields,
  now: number,
): string | null {
  const pointer = before.record('key', textOf(session.thumbprint), 'device')?.fields
  const device = before.record('device', textOf(pointer?.deviceId))?.fields
  if (!device || device.id !== session.deviceId) return 'its device was not known'
  const last = before.record('grant', textOf(device.grantId))?.fields
  const previous = before.record('session', textOf(device.sessionId))?.fields
  if (!previous?.approvalId) return 'nobody had approved its device'
  if (device.origin !== present.origin) return 'it came from another origin'
  if (!isWithin(grant.scopes, last?.scopes)) return 'it has more scopes than it had'
  return stands(before, device.sessionId, now) ? null : 'its last session did not stand'
}

function faultOfCode(
  before: Facts,
  code: Fact,
  approval: Fact | null,
  session: Fields,
  grant: Fields,
  now: number,
): string | null {
  const { fields } = code
  if (fields.state !== 'open') return `its code was ${textOf(fields.state)}`
  if (before.marked('code', code.id)) return 'its code was revoked'
  if (fields.epoch !== epochOf(before)) return 'its code was of an epoch that is over'
  const holds = listOf(fields.holds)
  const isHeld = approval !== null && holds.includes(approval.id)
  if (approval && !isHeld) return 'its approval did not hold its code'
  if (!isHeld && !(now < Number(fields.expiresAt))) return 'its code had run out'
  if (fields.boundThumbprint !== null && fields.boundThumbprint !== session.thumbprint)
    return 'its code was bound to another key'
  const others = holds.filter((id) => {
    const holder = id === approval?.id ? null : before.record('approval', id)
    return holder && waits(before, holder, now)
  })
  if (fields.uses !== null && Number(fields.used) + others.length >= Number(fields.uses))
    return 'no use of its code was left'
  if (!isWithin(grant.scopes, fields.scopes)) return 'it has more scopes than its code gives'
  const issuer = fields.issuer as { sessionId: string } | null
  if (!issuer) return null
  if (!stands(before, issuer.sessionId, now)) return 'who issued its code stood no more'
  const by = before.record('session', issuer.sessionId)?.fields
  const has = before.record('grant', textOf(by?.grantId))?.fields.scopes
  return isWithin(grant.scopes, has) ? null : 'it has more scopes than who issued its code'
}
