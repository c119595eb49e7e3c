import { fixedClock } from '@pair/testkit/app'
import type { Store } from '../../src/ports/store.ts'
import type { AuditEvent } from '../../src/audit/event.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { NOON } from './clock.ts'
import { ORIGIN, startServer, type Server, type ServerOptions } from './server.ts'

/** Two instances of one server: one store, one secret. */
export function twoInstances(
  options: ServerOptions = {},
  [one, other]: readonly [Store, Store] = twice(memoryStore()),
): [Server, Server] {
  const clock = options.clock ?? fixedClock(NOON)
  return [
    startServer({ ...options, clock, store: one }),
    startServer({ ...options, clock, store: other }),
  ]
}

function twice(store: Store): [Store, Store] {
  return [store, store]
}

/** `session`, or why it is none. */
export async function admitted({ pair }: Server, headers: Record<string, string>): Promise<string> {
  const auth = await pair.authenticate(new Request(`${ORIGIN}/app`, { headers }))
  if (auth.kind !== 'none') return auth.kind
  return auth.reason ?? 'none'
}

export const bearerOf = (token: string | undefined): Record<string, string> => ({
  authorization: `Bearer ${token}`,
})

/** What the header of a token says. */
export function headerOf(token: string): Record<string, string> {
  return JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as never
}

/** Asks until it holds. @throws Error after a second of true time */
export async function withinASecond(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 1_000
  while (!(await holds())) {
    if (performance.now() > end) throw new Error('not within a second')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

export async function rotations({ pair }: Server): Promise<AuditEvent[]> {
  return (await pair.audit.read()).items.filter(({ type }) => type === 'keys.rotated')
}

export const RING = ['pair', 'key-ring']

/** Puts that text where the ring stands. */
export async function plantRing(store: Store, value: string): Promise<void> {
  const version = (await store.read(RING))?.version ?? null
  const write = { key: RING, value, purgeAt: null }
  if (!(await store.commit([{ key: RING, version }], [write]))) throw new Error('not planted')
}
