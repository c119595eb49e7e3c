import { countedTry } from '../town.ts'
import { deed, residentDeed, type Deed, type ResidentName } from './deed.ts'

/** An agent of that name comes with a support code. */
export const bind = (agent: string, which: 'support' | 'annas' = 'support'): Deed =>
  deed(agent, `binds${which === 'annas' ? " by Anna's code" : ''}`, ({ services }, { agents }) =>
    services.support.bind(
      { agent, address: null, network: 'home', folded: false },
      countedTry(agents![which].typed),
    ),
  )

export const issueKey = (who: ResidentName, agent: string): Deed =>
  residentDeed(who, `issues a key for ${agent}`, ({ services, note }, by) => {
    note('deed', { type: 'agent_key.issued' })
    return services.agentKeys.issue({ agent, scopes: ['notes:read'] }, by)
  })

/** `key` is the operator's, `annasKey` hers. */
export const rotateKey = (who: ResidentName, which: 'key' | 'annasKey' = 'key'): Deed =>
  residentDeed(who, `rotates ${nameOf(which)}`, ({ services, note }, by, { agents }) => {
    note('deed', { type: 'agent_key.rotated' })
    return services.agentKeys.rotate(agents![which], { overlapMs: 60_000 }, by)
  })

export const revokeKey = (which: 'key' | 'annasKey' = 'key'): Deed =>
  residentDeed('otto', `revokes ${nameOf(which)}`, ({ services, note }, by, { agents }) => {
    const id = agents![which]
    note('deed', { type: 'agent_key.revoked', id })
    note('revokes', { word: 'agent-key', id })
    return services.agentKeys.revoke(id, by)
  })

export const revokeSupport: Deed = residentDeed(
  'otto',
  'revokes the support code',
  ({ services, note }, by, { agents }) => {
    const { id } = agents!.support
    note('deed', { type: 'code.revoked', id })
    note('revokes', { word: 'code', id })
    return services.codes.revoke(id, by)
  },
)

function nameOf(which: 'key' | 'annasKey'): string {
  return which === 'key' ? 'the key' : "Anna's key"
}
