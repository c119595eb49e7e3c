import { open } from 'node:fs/promises'
import { devNull } from 'node:os'
import type { Store } from '@pair/core'
import type { OpenedStore } from '@pair/testkit/torture'
import { openStore as openRight } from './file.ts'
import type { FilePlace } from './sqlite.ts'

/** What is wrong with it where the disk fails. */
export type FileDefect = 'no word of fsync' | 'all is done' | 'gives up'

export interface BrokenFilePlace extends FilePlace {
  defect: FileDefect
}

export async function openStore({ defect, file }: BrokenFilePlace): Promise<OpenedStore> {
  if (defect === 'no word of fsync') await silenceSync()
  const { store, close } = openRight({ file })
  let failed: Promise<boolean> | undefined
  const commits: Record<FileDefect, Store['commit']> = {
    'no word of fsync': store.commit,
    'all is done': (checks, writes) => store.commit(checks, writes).catch(() => true),
    'gives up': (checks, writes) =>
      (failed ?? store.commit(checks, writes)).catch((error: unknown) => {
        failed = Promise.reject(error as Error)
        return failed
      }),
  }
  return { close, store: { ...store, commit: commits[defect] } }
}

async function silenceSync(): Promise<void> {
  const any = await open(devNull)
  const handle = Object.getPrototypeOf(any) as { sync(): Promise<void> }
  await any.close()
  const { sync } = handle
  handle.sync = function () {
    return sync.call(this).catch(() => {})
  }
}
