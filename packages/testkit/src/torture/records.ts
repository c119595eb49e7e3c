import type { Store } from '@pair/core'
import { journalOf, madeIn } from './journal.ts'

interface CodeRecord {
  id: string
  state: string
  used: number
  redeemedBy?: { sessionId: string }
}

interface SessionRecord {
  id: string
  codeId: string | null
  deviceId: string
  grantId: string
}

/** All records of that kind that are not tombstones. */
export async function recordsOf<T>(store: Store, word: string, namespace = 'pair'): Promise<T[]> {
  const records: T[] = []
  for (let after: readonly string[] | undefined; ;) {
    const page = await store.list([namespace, word], { limit: 1_000, ...(after && { after }) })
    for (const { key, value } of page)
      if (key[3] === 'record') records.push((JSON.parse(value) as { record: T }).record)
    const last = page.at(-1)
    if (!last || page.length < 1_000) return records.filter((record) => record !== null)
    after = last.key
  }
}

/** A use of a code and all that it made are there together or not at all, and only once. */
export async function tally(store: Store): Promise<{ redeemed: Set<string>; wrong: string[] }> {
  const codes = await recordsOf<CodeRecord>(store, 'code')
  const sessions = await recordsOf<SessionRecord>(store, 'session')
  const byCode = new Map<string, string[]>()
  for (const { id, codeId } of sessions)
    byCode.set(String(codeId), [...(byCode.get(String(codeId)) ?? []), id])
  const wrong: string[] = []
  for (const code of codes) {
    const made = byCode.get(code.id) ?? []
    const right =
      code.state === 'redeemed'
        ? code.used === 1 && made.length === 1 && made[0] === code.redeemedBy?.sessionId
        : code.used === 0 && made.length === 0
    if (!right) wrong.push(`${code.id} is ${code.state} with ${made.length} sessions`)
    byCode.delete(code.id)
  }
  for (const [code, made] of byCode)
    wrong.push(`${made.length} sessions of ${code}, which is not there`)
  wrong.push(...(await halves(store, sessions)))
  return { redeemed: new Set(sessions.map(({ id }) => id)), wrong }
}

/** What is made with a session is there, and told once. */
async function halves(store: Store, sessions: readonly SessionRecord[]): Promise<string[]> {
  const [devices, grants] = await Promise.all(
    ['device', 'grant'].map(
      async (word) => new Set((await recordsOf<{ id: string }>(store, word)).map(({ id }) => id)),
    ),
  )
  const made = madeIn(await journalOf(store, 'pair'))
  return sessions.flatMap(({ id, deviceId, grantId }) => [
    ...(devices!.has(deviceId) ? [] : [`${id} is there without its device`]),
    ...(grants!.has(grantId) ? [] : [`${id} is there without its grant`]),
    ...(made.get(id) === 1 ? [] : [`${id} is ${made.get(id) ?? 0} times in the journal`]),
  ])
}
