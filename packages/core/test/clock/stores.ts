import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { sqliteStore } from '@pair/store-sqlite'
import { fixedClock } from '@pair/testkit/app'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { NOON } from '../kit/clock.ts'
import { createServer, type LoggedOptions, type LoggedServer } from '../kit/newcomers.ts'

/** The stores that every fact here is told of; each goes when its test is over. */
export const stores: Readonly<Record<string, (clock: () => number) => Store>> = {
  memory: (clock) => memoryStore({ clock }),
  SQLite() {
    const folder = mkdtempSync(join(tmpdir(), 'pair-clock-'))
    const store = sqliteStore(join(folder, 'pair.db'))
    onTestFinished(() => {
      store.close()
      rmSync(folder, { recursive: true, force: true })
    })
    return store
  },
}

/** A server on that store whose clock tells the true time until it is moved. */
export function serverOn(name: string, options: LoggedOptions = {}): LoggedServer {
  const clock = fixedClock(NOON)
  const server = createServer({ clock, store: stores[name]!(clock), keyless: 'full', ...options })
  onTestFinished(() => server.pair.close())
  return server
}

const HOUR = 3_600_000
const YEARS = 10 * 365 * 24 * HOUR

/** Where clocks jump to, told the true time. */
export const jumps: readonly [name: string, to: (now: number) => number][] = [
  ['-10 y', (now) => now - YEARS],
  ['-1 h', (now) => now - HOUR],
  ['+1 h', (now) => now + HOUR],
  ['+10 y', (now) => now + YEARS],
  ['NaN', () => Number.NaN],
]
