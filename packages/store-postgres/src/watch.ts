import { createLineWatch, systemTimers, type LineEar, type LineWatch } from '@pair/core/store'
import type { Driver, Statement } from './driver.ts'

/** So long it may take until a line listens. */
const LISTEN_MS = 2_000

export interface WatchParts {
  driver: Pick<Driver, 'listen'>
  /** Sends a notification: channel, list of payloads. */
  statement: Statement
  /** Where other processes tell what they wrote. */
  channel: string
  /** Who we are, in what we tell. */
  self: string
  /** Resolves when the database can be used. */
  ready(): Promise<unknown>
}

/** A watch by LISTEN: what it asks, it notifies itself of on the very line on which it listens. */
export function createWatch({ driver, statement, channel, self, ready }: WatchParts): LineWatch {
  const own = `${channel}_${self}`

  function hear(ear: LineEar, on: string, payload: string): void {
    if (on === own) return ear.answered(Number(payload))
    const told = readTold(payload)
    if (told?.from !== self) ear.changed(told?.keys ?? null)
  }

  return createLineWatch({
    timers: systemTimers,
    async connect(ear) {
      await ready()
      const listener = {
        heard: (on: string, payload: string) => hear(ear, on, payload),
        ended: () => ear.ended(),
      }
      const line = await driver.listen([channel, own], listener, LISTEN_MS)
      let asking = false
      return {
        ask(number) {
          // a line carries one question at a time
          if (asking) return
          asking = true
          line.query(statement, [own, `{"${number}"}`]).then(
            () => (asking = false),
            () => ear.ended(),
          )
        },
        close: () => line.close(),
      }
    },
  })
}

/** What another process told; `null` for what nobody of ours says. */
function readTold(payload: string): { from: string; keys: string[] | null } | null {
  try {
    const told = JSON.parse(payload) as { from?: unknown; keys?: unknown } | null
    const { from, keys } = told ?? {}
    if (typeof from !== 'string') return null
    const isList = Array.isArray(keys) && keys.every((key) => typeof key === 'string')
    return { from, keys: isList ? (keys as string[]) : null }
  } catch {
    return null
  }
}
