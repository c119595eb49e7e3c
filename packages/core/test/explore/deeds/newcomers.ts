import { createHash } from 'node:crypto'
import type { Arrival } from '../../../src/session/pairing.ts'
import { NOON, thumbprintOf, TIMES } from '../instance.ts'
import type { Hands } from '../live-actor.ts'
import { arrival, countedTry } from '../town.ts'
import { deed, type Deed } from './deed.ts'

export const redeem = (
  who: string,
  which: 'code' | 'annas' = 'code',
  more: Partial<Arrival> = {},
): Deed =>
  deed(
    who,
    `redeems${which === 'annas' ? " Anna's code" : ''}${more.scopes ? ' for less' : ''}`,
    ({ services }, town) =>
      services.redeemer.redeem({ ...arrival(who), ...more }, countedTry(town[which].typed)),
  )

/** Loses the answer and redeems once more. */
export const redeemTwice = (who: string, which: 'code' | 'annas' = 'code'): Deed =>
  deed(
    who,
    `redeems${which === 'annas' ? " Anna's code" : ''} twice`,
    async ({ services }, town) => {
      const redeemOnce = (): Promise<unknown> =>
        services.redeemer.redeem(arrival(who), countedTry(town[which].typed))
      const first = await redeemOnce()
      return redeemOnce().catch(() => first)
    },
  )

/** Does something with what he got. */
export const redeemAndUse = (who: string): Deed =>
  deed(who, 'redeems and uses it', async ({ services }, town) => {
    const answer = await services.redeemer.redeem(arrival(who), countedTry(town.code.typed))
    // a use that is refused leaves him with what he was given
    if (answer.status === 'authorized')
      await services.presence.seen(answer.session)?.catch(() => {})
    return answer
  })

/** Has neither key nor name: nobody knows him again. */
export const redeemUnknown: Deed = deed('nobody', 'redeems', ({ services }, town) =>
  services.redeemer.redeem(
    arrival('nobody', { thumbprint: null, transport: 'bearer' }),
    countedTry(town.code.typed),
  ),
)

/** Has no key, but names his request. */
export const redeemByName: Deed = deed('nobody', 'redeems by a name', ({ services }, town) =>
  services.redeemer.redeem(
    arrival('nobody', { thumbprint: null, transport: 'bearer' }),
    countedTry(town.code.typed),
    { idempotencyHash: thumbprintOf('a name') },
  ),
)

/** Redeems and, where that has to be decided, comes back once to collect. */
export const redeemAndCollect = (who: string): Deed =>
  deed(who, 'redeems and comes back', async (hands, town) => {
    const answer = await hands.services.redeemer.redeem(arrival(who), countedTry(town.code.typed))
    return answer.status === 'pending' ? collectBy(hands, who, answer.claim) : answer
  })

export const request = (who: string, more: Partial<Arrival> = {}): Deed =>
  deed(who, `requests${more.scopes ? ' less' : ''}`, ({ services }) =>
    services.requester.request({ ...arrival(who), ...more }),
  )

export const requestAndCollect = (who: string): Deed =>
  deed(who, 'requests and comes back', async (hands) => {
    const answer = await hands.services.requester.request(arrival(who))
    return answer.status === 'pending' ? collectBy(hands, who, answer.claim) : answer
  })

/** Comes when the others have had half of their time. */
export const requestLater = (who: string): Deed =>
  deed(who, 'requests later', async ({ services, tick }) => {
    await tick(NOON + TIMES.pendingMs / 2)
    return services.requester.request(arrival(who))
  })

/** Has no key: what it collects with is a cookie. */
export const requestWithoutKey: Deed = deed('nobody', 'requests and comes back', async (hands) => {
  const { requester, collector } = hands.services
  const answer = await requester.request(
    arrival('nobody', { thumbprint: null, transport: 'cookie' }),
  )
  if (answer.status !== 'pending') return answer
  const by = { cookie: answer.cookie?.text ?? null }
  return collector.collect({ claim: answer.claim, by, nonce: null, address: null })
})

/** Comes with Carol's claim, and with a key of his own. */
export const collect = (key = 'carol'): Deed =>
  deed(key, 'collects', (hands, town) => collectBy(hands, key, town.claim))

function collectBy({ services, note }: Hands, who: string, claim: string): Promise<unknown> {
  note('key', thumbprintOf(who))
  note('claimHash', hashOf(claim.split('.')[1] ?? ''))
  const by = { thumbprint: thumbprintOf(who) }
  return services.collector.collect({ claim, by, nonce: null, address: null })
}

export const withdraw: Deed = deed('carol', 'withdraws', async ({ services }, { claim }) => {
  const by = { thumbprint: thumbprintOf('carol') }
  await services.collector.withdraw({ claim, by, nonce: null, address: null })
})

/** Time passes until what waits has run out, and the server tells of it. */
export const expire: Deed = deed(
  'the server',
  'tells what ran out',
  async ({ services, tick }, { endsAt }) => {
    await tick(endsAt + 1)
    await services.expiry.announceExpired()
    await services.lapse.announceLapsed()
  },
)

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
