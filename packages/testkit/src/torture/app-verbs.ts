import type { Pair, Store } from '@pair/core'
import type { Answer, House } from './apps.ts'
import { holdOpen, type Ends } from './held.ts'
import { ORIGIN } from './roomy-pair.ts'

const YEAR_MS = 365 * 86_400_000
const NOTES = { scopes: ['notes'] }

/** What an app can be asked to do. */
export interface Verbs {
  post(
    house: House,
    path: string,
    body: unknown,
    remoteAddress: string,
    cookie?: string,
  ): Promise<Answer>
  /** What a guard answers to who carries that. */
  enter(house: House, token: string): Promise<number>
  /** Asks a guard again and again until it lets nobody in any more: what it answers then, and when the last began who was let in. */
  enterUntilRefused(token: string): Promise<{ status: number; lastAt: number }>
  approve(id: string, digest: string): Promise<void>
  reject(id: string, digest: string): Promise<void>
  revoke(house: House, id: string): Promise<void>
  issue(wish?: { scopes?: ('notes' | 'access:read')[]; expiresInMs?: number }): Promise<string>
  /** Of a request, as it is shown to who decides. */
  digest(id: string): Promise<string>
  /** Turns away who has waited for so long: nobody knows of them. */
  turnAway(ms: number): Promise<void>
  /** All sessions that lists show. */
  standing(): Promise<string[]>
  count(): Promise<number>
  /** Holds a socket and a stream of that session; `ended` tells how and when they end. */
  hold(token: string): Promise<number>
  ended(nth: number): Promise<Ends>
  /** So many requests at once to a route that lets `max` of them in; answers how many it let in. */
  visit(count: number, max: number): Promise<number>
}
export type Verb = keyof Verbs

export function verbsOf(houses: Record<House, Pair<string>>, store: Store): Verbs {
  const held: Awaited<ReturnType<typeof holdOpen>>[] = []

  async function post(
    house: House,
    path: string,
    body: unknown,
    remoteAddress: string,
    cookie = '',
  ): Promise<Answer> {
    const request = new Request(`${ORIGIN}/auth/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...(cookie && { cookie }) },
    })
    const answer = (await houses[house].handler(request, { remoteAddress }))!
    const text = await answer.text()
    return {
      status: answer.status,
      body: text === '' ? {} : (JSON.parse(text) as Answer['body']),
      cookie: answer.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; '),
    }
  }

  async function enter(house: House, token: string): Promise<number> {
    const passed = await houses[house].guard(withToken('/notes', token), undefined, NOTES)
    return passed.ok ? 200 : passed.response.status
  }

  return {
    post,
    enter,
    approve: async (id, digest) => {
      await houses.door.approvals.approve(id, { digest })
    },
    reject: async (id, digest) => {
      await houses.door.approvals.reject(id, { digest })
    },
    revoke: async (house, id) => {
      await houses[house].sessions.revoke(id)
    },
    issue: async (wish = {}) => (await houses.codes.codes.issue({ origin: ORIGIN, ...wish })).typed,
    digest: async (id) => {
      // the page that begins with it
      const page = await houses.door.approvals.list({ after: id.slice(0, -1), limit: 1 })
      const [found] = page.items
      if (found?.id !== id) throw new Error(`not listed: ${id}`)
      return found.digest
    },
    turnAway: async (ms) => {
      const { items } = await houses.door.approvals.list()
      for (const { id, digest, state, requestedAt } of items)
        if (state === 'pending' && requestedAt < Date.now() - ms)
          await houses.door.approvals.reject(id, { digest })
    },
    standing: async () => {
      const ids: string[] = []
      for (const { sessions } of Object.values(houses))
        for (let after: string | null | undefined; after !== null;) {
          const page = await sessions.list({ limit: 100, ...(after !== undefined && { after }) })
          ids.push(...page.items.map(({ id }) => id))
          after = page.next
        }
      return ids
    },
    count: () => store.increment(['torture', 'count'], 1, Date.now() + 86_400_000),
    enterUntilRefused: async (token) => {
      for (let lastAt = 0; ;) {
        const began = now()
        const status = await enter('codes', token)
        if (status !== 200) return { status, lastAt }
        lastAt = began
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    hold: async (token) => {
      held.push(await holdOpen(houses.codes, (path, init) => withToken(path, token, init), now))
      return held.length - 1
    },
    ended: async (nth) => held[nth]!.ended,
    visit: async (count, max) => {
      const rule = { name: 'visits', max, windowMs: 100 * YEAR_MS }
      const visits = Array.from({ length: count }, () =>
        houses.codes.limit(new Request(`${ORIGIN}/app`), { remoteAddress: '198.51.100.1' }, rule),
      )
      return (await Promise.all(visits)).filter(({ ok }) => ok).length
    },
  }
}

function withToken(path: string, token: string, init: RequestInit = {}): Request {
  const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) }
  return new Request(ORIGIN + path, { ...init, headers })
}

/** Milliseconds of the one clock that all processes of this machine share and nobody sets. */
function now(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000
}
