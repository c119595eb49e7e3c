import { onTestFinished } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import { NOON } from '../kit/clock.ts'
import { createServer, type LoggedOptions, type LoggedServer } from '../kit/newcomers.ts'
import type { StoreKind } from '../kit/stores.ts'

/** A server on that store whose clock tells the true time until it is moved. */
export function serverOn(kind: StoreKind, options: LoggedOptions = {}): LoggedServer {
  const clock = fixedClock(NOON)
  const server = createServer({ clock, store: kind.open(), keyless: 'full', ...options })
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
