import type { Change, End, Law } from '../law.ts'
import { modeOf, textOf, type Facts, type Told } from '../facts.ts'

/** What relays were answered and was not taken back. There is one request in all these stories. */
function waysIn({ told }: Facts): Told[] {
  const back = told.filter(({ actor }) => actor.kind === 'server')
  return told.filter(
    ({ type, codeId, approvalId }) =>
      (type === 'relay.minted' &&
        !back.some((each) => each.type === 'code.revoked' && each.codeId === codeId)) ||
      (type === 'relay.pending' &&
        !back.some((each) => each.type === 'approval.displaced' && each.approvalId === approvalId)),
  )
}

export const relayLaw: Law = {
  name: 'a request of a relay is answered once, as the mode has it',
  change({ before, after }: Change): string | null {
    if (waysIn(after).length > 1) return 'one request has two ways in'
    const mode = textOf(modeOf(before))
    for (const event of after.told) {
      if (!event.type.startsWith('relay.') || before.told.includes(event)) continue
      const isRight = event.type === 'relay.pending' ? mode === 'approval' : mode.startsWith('code')
      if (!isRight) return `${event.type} was told while the mode was ${mode}`
    }
    return null
  },
  end({ facts, parts }: End): string | null {
    const answered = parts.filter(({ node }) => node.notes.mints && node.outcome?.ok)
    if (answered.length > 1) return 'one request was answered twice'
    if (answered.length === 1 && waysIn(facts).length === 0)
      return 'a relay was answered, and there is no way in'
    const isSure = parts.every(({ node }) => node.outcome !== null)
    if (isSure && answered.length === 0 && waysIn(facts).length > 0)
      return 'every relay was refused, and there is a way in'
    return null
  },
}
