import { createPair, memoryStore, type Check, type Store, type Write } from '@pair/core'

/** What one redemption checks and writes, as core asks it of a store. */
export interface Shape {
  checks: readonly Check[]
  writes: readonly Write[]
}

/** Pairs once on a store that notes what it is asked, and answers the commit by which the code was redeemed. */
export async function shapeOfRedeem(): Promise<Shape> {
  const shapes: Shape[] = []
  const memory = memoryStore()
  const store: Store = {
    ...memory,
    commit(checks, writes) {
      shapes.push({ checks, writes })
      return memory.commit(checks, writes)
    },
  }
  const pair = createPair({ secret: crypto.getRandomValues(new Uint8Array(32)), store })
  const { typed } = await pair.codes.issue({ origin: 'http://localhost' })
  shapes.length = 0
  const answer = await pair.handler(
    new Request('http://localhost/auth/redeem', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: typed, transport: 'bearer' }),
    }),
    { remoteAddress: '127.0.0.1' },
  )
  if (answer?.status !== 200) throw new Error(`redeem: ${answer?.status}`)
  await pair.close()
  return shapes.toSorted((a, b) => a.writes.length - b.writes.length).at(-1)!
}

/** Something of its own, such as `ses_…` or a hash: what is in the key of many records is shorter. */
const ID = /[A-Za-z0-9_-]{20,}/

const isOwn = (key: readonly string[]): boolean => key.some((part) => ID.test(part))

/** The same for another code: what has an id in its key gets another one. */
export function another({ checks, writes }: Shape, n: number, codeVersion: string | null): Shape {
  const rename = (key: readonly string[]): string[] =>
    isOwn(key) ? key.map((part) => (ID.test(part) ? `${part}.${n}` : part)) : [...key]
  return {
    checks: checks.map(({ key, version }) => {
      // the code is there; what all of them check is not in this table
      const wanted = isCode(key) ? codeVersion : null
      return { key: rename(key), version: version === null ? null : wanted }
    }),
    writes: writes
      .filter((write) => 'append' in write || isOwn(write.key))
      .map((write) => ('append' in write ? write : { ...write, key: rename(write.key) })),
  }
}

/** A write that puts something there. */
export type Put = Extract<Write, { value: string; key: unknown }>

export function putsOf(writes: readonly Write[]): Put[] {
  return writes.filter((write) => 'key' in write && write.value !== null) as Put[]
}

export function codeOf({ writes }: Shape): Put {
  const code = putsOf(writes).find(({ key }) => isCode(key))
  if (!code) throw new Error('a redemption writes its code')
  return code
}

export function codeKeyOf(shape: Shape, n: number): readonly string[] {
  return codeOf(another(shape, n, null)).key
}

export const textOf = (key: readonly string[]): string => key.join(' ')

function isCode(key: readonly string[]): boolean {
  return key[1] === 'code' && key.at(-1) === 'record'
}
