import { parseDeviceCode } from '../../../src/oauth/device-code.ts'
import { askByDevice, arrival, CLIENT, countedTry } from '../town.ts'
import { thumbprintOf } from '../instance.ts'
import { deed, residentDeed, type Deed, type ResidentName } from './deed.ts'

/** Types the code that Carol's device showed, and decides what it leads to. */
export const typeAndApprove = (who: ResidentName): Deed =>
  residentDeed(who, 'types the code and approves', async ({ services, note }, by, { shown }) => {
    const { attempt } = countedTry(shown!)
    const item = await services.deviceGrants.find(attempt, shown!)
    const { id, digest } = item
    note('shown', { [id]: item })
    note('deed', { type: 'approval.approved', id })
    note('decided', id)
    note('typed', shown)
    await services.decider.approve(id, { digest, userCode: shown! }, by)
    return `approved ${id}`
  })

/** Approves what is in the list, and never saw the device. */
export const approveUntyped: Deed = residentDeed(
  'otto',
  'approves from the list',
  async ({ services, note }, by) => {
    const { items } = await services.approvals.list()
    const item = items.find(({ state }) => state === 'pending')
    if (!item) return 'there is nothing to decide'
    const { id, digest } = item
    note('shown', { [id]: item })
    note('deed', { type: 'approval.approved', id })
    await services.decider.approve(id, { digest }, by)
    return `approved ${id}`
  },
)

/** The device asks again: from then on it shows another code. */
export const askAgain: Deed = deed('carol', 'asks by her device again', async ({ services }) => {
  const { answer } = await askByDevice(services, arrival('carol'))
  return answer
})

/** Comes with the device code, as the token endpoint does. */
export const poll: Deed = deed('carol', 'polls', async ({ services, note }, { claim }) => {
  const code = parseDeviceCode(claim)!
  const found = await services.deviceGrants.requestOf(code, CLIENT)
  if (found === null) return 'no such device code'
  note('key', thumbprintOf('carol'))
  const by = { thumbprint: thumbprintOf('carol') }
  const answer = await services.collector.collect({ claim, by, nonce: null, address: null })
  if (answer.status === 'authorized') return answer
  return services.deviceGrants.poll(found.id)
})
