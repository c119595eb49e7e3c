import { readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect } from 'vitest'
import type { FileStore } from '../../src/index.ts'
import { freshFile } from './files.ts'
import { openStore } from './open.ts'
import { absent, append, put, T0 } from './writes.ts'

/** A file with something of each kind in it, a store that has it open, and its text as it was written. */
export interface Patient {
  file: string
  store: FileStore
  good: string
  /** Copies of what was damaged. */
  kept(): string[]
  /** Every call of every store is refused like that, whether it had the file open or not. */
  expectDenied(refusal: object): Promise<void>
}

export async function createPatient(): Promise<Patient> {
  const file = freshFile()
  const store = openStore(file)
  await store.commit(
    [],
    [put(['owner'], '{"name":"a"}', T0), append(['s'], 'x'), append(['s'], 'y')],
  )
  await store.increment(['c'], 3, T0)
  return {
    file,
    store,
    good: readFileSync(file, 'utf8'),
    kept: () => readdirSync(dirname(file)).filter((name) => name.includes('.damaged-')),
    async expectDenied(refusal) {
      for (const one of [store, openStore(file)]) {
        const calls = [
          () => one.read(['owner']),
          () => one.list([], { limit: 5 }),
          () => one.commit([absent(['owner'])], [put(['owner'], 'thief')]),
          () => one.commit([], []),
          () => one.increment(['c'], 1, T0),
          () => one.increment(['c'], 0, T0),
          () => one.tail(['s'], null, 5),
          () => one.purge(T0, 5),
        ]
        for (const call of calls) await expect(call()).rejects.toMatchObject(refusal)
      }
    },
  }
}

export const like = (text: string): string => expect.stringContaining(text) as string
