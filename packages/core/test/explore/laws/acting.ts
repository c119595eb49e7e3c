import { textOf, stands } from '../facts.ts'
import type { Change, Law } from '../law.ts'

/** What gives something away, or takes a decision back. Revokes are not among these: nothing may hold them up. */
const GIVING = [
  'code.issued',
  'approval.approved',
  'approval.rejected',
  'approval.forgotten',
  'admission.changed',
  'agent_key.issued',
  'agent_key.rotated',
]

/** Nobody decides anything who does not stand himself. */
export const actingLaw: Law = {
  name: 'only who stands at that instant decides',
  change({ before, after, now }: Change): string | null {
    for (const { type, actor } of after.told) {
      if (!GIVING.includes(type) || actor.kind !== 'session') continue
      const isOld = before.told.some((event) => event.type === type && event.actor === actor)
      if (!isOld && !stands(before, actor.sessionId, now))
        return `${type} was told of ${textOf(actor.sessionId)}, which stood no more`
    }
    return null
  },
}
