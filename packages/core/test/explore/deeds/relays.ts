import { NOON } from '../instance.ts'
import { relayedAt } from '../relayed.ts'
import { deed, type Deed } from './deed.ts'

/** Signed once: each who sends it sends the same. */
export const RELAYED: string = await relayedAt(NOON)

/** A relay brings the one request that there is. */
export const mint: Deed = deed('the relay', 'mints', async ({ services, note }) => {
  note('mints', true)
  await services.minter.mint(RELAYED, null)
  return 'answered'
})
