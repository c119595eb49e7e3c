import type { Key, Store } from '@pair/core'
import { expect, onTestFinished } from 'vitest'

/** What a watch told: keys as text, `*` for any; and whether it is live, in order. */
export interface Ear {
  heard: string[]
  lives: boolean[]
  stop(): void
}

export function listen(store: Store, prefix: Key = []): Ear {
  const ear: Ear = { heard: [], lives: [], stop: () => {} }
  ear.stop = store.watch!(prefix, {
    changed: (keys) => void ear.heard.push(...(keys?.map((key) => key.join('/')) ?? ['*'])),
    live: (isLive) => void ear.lives.push(isLive),
  })
  onTestFinished(() => ear.stop())
  return ear
}

/** Waits until the watch says so: a second for bad news, as long as a server takes for good. */
export async function becomes(ear: Ear, isLive: boolean): Promise<void> {
  await expect
    .poll(() => ear.lives.at(-1), { timeout: isLive ? 20_000 : 1_000, interval: 5 })
    .toBe(isLive)
}
