import { createPair, isPairError, type Actor, type Pair, type Store } from '@pair/core'
import { onTestFinished } from 'vitest'
import { addressOf, OPTIONS, ORIGIN, SECRET } from './options.ts'
import { openPlace, type Place } from './place.ts'

/** The parent's own view of the place that its children fight over. */
export interface Arena {
  place: Place
  store: Store
  pair: Pair<string>
  /** That many live codes. One issuer has twenty at most, so there are many issuers. */
  issue(count: number): Promise<string[]>
  /** How many sessions it made to issue them. */
  issuers(): number
  /** Ends these, and with them what is left of their codes: there is room for others. */
  dismiss(): Promise<void>
}

export function openArena(place: Place): Arena {
  const { store, close } = openPlace(withName(place, 'pair_arena'))
  const pair = createPair<string>({ ...OPTIONS, secret: SECRET, store })
  onTestFinished(async () => {
    await pair.close()
    await close()
  })
  let issuers = 0
  let standing: `ses_${string}`[] = []
  const issuer = async (): Promise<Actor> => {
    issuers++
    const { typed } = await pair.codes.issue({ origin: ORIGIN, scopes: ['notes'] })
    const request = new Request(`${ORIGIN}/auth/redeem`, {
      method: 'POST',
      body: JSON.stringify({ code: typed, transport: 'bearer' }),
      headers: { 'content-type': 'application/json' },
    })
    const info = { remoteAddress: addressOf(process.pid, issuers) }
    const { session } = (await (await pair.handler(request, info))!.json()) as {
      session: { id: `ses_${string}`; device: { id: `dev_${string}` } }
    }
    standing.push(session.id)
    return { kind: 'session', sessionId: session.id, deviceId: session.device.id }
  }
  /** Where the machine has much else to do, a commit may take longer than it is waited for. */
  const issueFor = async (by: Actor): Promise<string> => {
    for (let tries = 1; ; tries++)
      try {
        return (await pair.codes.issue({ origin: ORIGIN }, by)).typed
      } catch (error) {
        if (tries === 5 || !isPairError(error) || error.status !== 503) throw error
      }
  }
  return {
    issuers: () => issuers,
    place,
    store,
    pair,
    async issue(count) {
      const codes: string[] = []
      while (codes.length < count) {
        const by = await issuer()
        for (let n = 0; n < 20 && codes.length < count; n++) codes.push(await issueFor(by))
      }
      return codes
    },
    async dismiss() {
      for (const id of standing) await pair.sessions.revoke(id)
      standing = []
    },
  }
}

/** The same place under another name, so that its lines are told from those of the children. */
export function withName(place: Place, name: string): Place {
  return place.kind === 'postgres' ? { ...place, name } : place
}
