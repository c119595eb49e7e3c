// An app by itself: two instances on one place. It does what it is asked until its parent hangs up or a SIGTERM comes.
import { createPair, isPairError, type Pair } from '@pair/core'
import type { Answer, AppSetting, Asked, House, Told, Verb } from './apps.ts'
import { holdOpen } from './held.ts'
import { OPTIONS, ORIGIN, SECRET } from './options.ts'
import { openPlace } from './place.ts'

const { place, aheadMs = 0, limits } = JSON.parse(process.argv[2]!) as AppSetting
const { store, close } = openPlace(place)
const shared = {
  ...OPTIONS,
  ...(limits && { limits: { ...OPTIONS.limits, ...limits } }),
  secret: SECRET,
  store,
  clock: () => Date.now() + aheadMs,
}
const houses: Record<House, Pair<string>> = {
  /** Where one comes in by a code. */
  codes: createPair<string>(shared),
  /** Where a person decides. */
  door: createPair<string>({ ...shared, namespace: 'door', admission: 'approval' }),
}

const YEAR_MS = 365 * 86_400_000
const NOTES = { scopes: ['notes'] }

function withToken(path: string, token: string, init: RequestInit = {}): Request {
  const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) }
  return new Request(ORIGIN + path, { ...init, headers })
}

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

const VERBS = {
  post,
  approve: async (id: string, digest: string) => {
    await houses.door.approvals.approve(id, { digest })
  },
  reject: async (id: string, digest: string) => {
    await houses.door.approvals.reject(id, { digest })
  },
  revoke: async (house: House, id: string) => {
    await houses[house].sessions.revoke(id)
  },
  issue: async (wish: { scopes?: ('notes' | 'access:read')[]; expiresInMs?: number } = {}) =>
    (await houses.codes.codes.issue({ origin: ORIGIN, ...wish })).typed,
  /** Of a request, as it is shown to who decides. */
  digest: async (id: string) => {
    // the page that begins with it
    const page = await houses.door.approvals.list({ after: id.slice(0, -1), limit: 1 })
    const [found] = page.items
    if (found?.id !== id) throw new Error(`not listed: ${id}`)
    return found.digest
  },
  /** Turns away who has waited for so long: nobody knows of them. */
  turnAway: async (ms: number) => {
    const { items } = await houses.door.approvals.list()
    for (const { id, digest, state, requestedAt } of items)
      if (state === 'pending' && requestedAt < Date.now() - ms)
        await houses.door.approvals.reject(id, { digest })
  },
  /** All sessions that lists show. */
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
  /** What a guard answers to who carries that. */
  enter: async (house: House, token: string) => {
    const passed = await houses[house].guard(withToken('/notes', token), undefined, NOTES)
    return passed.ok ? 200 : passed.response.status
  },
  /** Asks a guard again and again until it lets nobody in any more: what it answers then, and when the last began who was let in. */
  enterUntilRefused: async (token: string) => {
    for (let lastAt = 0; ;) {
      const began = now()
      const status = await VERBS.enter('codes', token)
      if (status !== 200) return { status, lastAt }
      lastAt = began
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  },
  /** A socket and a stream of that session; `ended` tells how and when they end. */
  hold: async (token: string) => {
    held.push(await holdOpen(houses.codes, (path, init) => withToken(path, token, init), now))
    return held.length - 1
  },
  ended: (nth: number) => held[nth]!.ended,
  /** So many requests at once to a route that lets `max` of them in; answers how many it let in. */
  visit: async (count: number, max: number) => {
    const rule = { name: 'visits', max, windowMs: 100 * YEAR_MS }
    const visits = Array.from({ length: count }, () =>
      houses.codes.limit(new Request(`${ORIGIN}/app`), { remoteAddress: '198.51.100.1' }, rule),
    )
    return (await Promise.all(visits)).filter(({ ok }) => ok).length
  },
}
export type Verbs = typeof VERBS

const held: Awaited<ReturnType<typeof holdOpen>>[] = []
const underWay = new Set<Promise<void>>()
let isEnding = false

/** Milliseconds of the one clock that all processes of this machine share and nobody sets. */
function now(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000
}

function tell(told: Told | 'ready'): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send!(told, () => resolve())
    else resolve()
  })
}

async function carryOut({ nth, verb, args }: Asked): Promise<void> {
  try {
    if (isEnding) return await tell({ nth, refused: 'ending' })
    const call = VERBS[verb as Verb] as (...args: never[]) => Promise<unknown>
    await tell({ nth, gave: (await call(...(args as never[]))) ?? null })
  } catch (error) {
    await tell({ nth, refused: isPairError(error) ? error.code : String(error) })
  }
}

/** At once: what is under way is answered with what came of it, and nothing new begins. */
async function end(): Promise<void> {
  isEnding = true
  await Promise.all(Object.values(houses).map((house) => house.close()))
  await close()
  await Promise.all(underWay)
  process.exit(0)
}

process.on('message', (asked: Asked) => {
  const carried = carryOut(asked).finally(() => underWay.delete(carried))
  underWay.add(carried)
})
process.once('SIGTERM', () => void end())
process.on('disconnect', () => process.exit(0))
await houses.codes.sessions.list()
await houses.door.sessions.list()
void tell('ready')
