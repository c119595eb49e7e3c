import type { AdmissionMode } from '../../../src/admission/admission.ts'
import { thumbprintOf } from '../instance.ts'
import { ORIGIN } from '../town.ts'
import { deed, residentDeed, type Deed, type ResidentName } from './deed.ts'

/** Decides what he sees. */
export const approve = (who: ResidentName, scopes?: string[]): Deed =>
  decide(who, 'approved', scopes ? { scopes } : {})
export const reject = (who: ResidentName): Deed => decide(who, 'rejected', {})

function decide(
  who: ResidentName,
  verdict: 'approved' | 'rejected',
  more: { scopes?: string[] },
): Deed {
  const verb = verdict === 'approved' ? 'approves' : 'rejects'
  return residentDeed(who, `${verb}${more.scopes ? ' less' : ''}`, async (hands, by) => {
    const { services, note } = hands
    const { items } = await services.approvals.list()
    const item = items.find(({ state }) => state === 'pending')
    if (!item) return 'there is nothing to decide'
    const { id, digest } = item
    note('shown', { [id]: item })
    note('deed', { type: `approval.${verdict}`, id })
    note('decided', id)
    if (verdict === 'approved') await services.decider.approve(id, { digest, ...more }, by)
    else await services.decider.reject(id, { digest }, by)
    return `${verdict} ${id}`
  })
}

export const forget = (who: ResidentName): Deed =>
  residentDeed(who, 'forgets', async ({ services, note }, by, town) => {
    const id = town.request ?? (await services.approvals.list()).items[0]?.id
    if (id === undefined) return
    note('deed', { type: 'approval.forgotten', id })
    await services.approvals.forget(id, by)
  })

export const setMode = (who: ResidentName, mode: AdmissionMode, reevaluate = false): Deed =>
  residentDeed(
    who,
    `sets ${mode}${reevaluate ? ' for all' : ''}`,
    async ({ services, note }, by) => {
      const { version, mode: was } = await services.admission.get()
      if (was === mode && !reevaluate) return
      note('deed', { type: 'admission.changed' })
      await services.admission.set(mode, { version, reevaluate }, by)
    },
  )

export const issue = (who: ResidentName): Deed =>
  residentDeed(who, 'issues', async ({ services, note }, by) => {
    note('deed', { type: 'code.issued' })
    await services.codes.issue({ origin: ORIGIN }, by)
  })

export const revokeCode = (which: 'code' | 'annas' = 'code'): Deed =>
  residentDeed('otto', `revokes ${which === 'code' ? 'the' : "Anna's"} code`, (hands, by, town) => {
    const { id } = town[which]
    hands.note('deed', { type: 'code.revoked', id })
    hands.note('revokes', { word: 'code', id })
    return hands.services.codes.revoke(id, by)
  })

export const revokeSession = (whose: ResidentName): Deed =>
  residentDeed('otto', `revokes the session of ${whose}`, (hands, by, town) => {
    const id = town[whose].sessionId
    hands.note('deed', { type: 'session.revoked', id })
    hands.note('revokes', { word: 'session', id })
    return hands.services.sessions.revoke(id, by)
  })

export const revokeDevice = (whose: 'anna' | 'guest' | 'carol'): Deed =>
  residentDeed('otto', `revokes the device of ${whose}`, async ({ services, note }, by, town) => {
    const id = whose === 'carol' ? town.carolsDevice : town[whose].deviceId
    if (id === null) return
    note('deed', { type: 'device.revoked', id })
    note('revokes', { word: 'device', id })
    await services.devices.revoke(id, by)
  })

export const logout = (who: ResidentName): Deed =>
  residentDeed(who, 'logs out', ({ services, note }, by) => {
    note('revokes', { word: 'session', id: by.sessionId })
    return services.sessions.logout(by.sessionId, by)
  })

export const renew = (who: ResidentName): Deed =>
  deed(who, 'renews', ({ services, note }, town) => {
    note('renews', true)
    return services.renewer.renew(
      who === 'bearer'
        ? { by: 'secret', refreshToken: town.bearer.refreshToken }
        : { by: 'proof', thumbprint: thumbprintOf(who) },
    )
  })

const DAY_AFTER = Date.UTC(2026, 10, 23, 12)

/** Renews when some of its life is over, so that its end moves on. */
export const renewLater = (who: ResidentName): Deed =>
  deed(who, 'renews a day later', async (hands, town) => {
    await hands.tick(DAY_AFTER)
    return renew(who).run(hands, town)
  })

export const narrow = (whose: ResidentName): Deed =>
  residentDeed('otto', `narrows ${whose}`, ({ services, note }, by, town) => {
    const { sessionId } = town[whose]
    note('deed', { type: 'session.narrowed', id: sessionId, orBefore: true })
    // Anna goes on deciding: what she may not give any more is the app's
    const left = whose === 'anna' ? ['access:read', 'access:write', 'notes:read'] : ['notes:read']
    return services.sessions.narrow(sessionId, left, by)
  })

export const revokeAll: Deed = residentDeed('otto', 'revokes all', ({ services, note }, by) => {
  note('deed', { type: 'sessions.all_revoked' })
  return services.sessions.revokeAll(by)
})

export const revokeOthers = (who: ResidentName): Deed =>
  residentDeed(who, 'revokes all others', ({ services, note }, by) => {
    note('deed', { type: 'sessions.others_revoked' })
    return services.sessions.revokeOthers(by.sessionId, by)
  })
