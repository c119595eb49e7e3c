import { statSync } from 'node:fs'
import { PairError } from '@pair/core'

/** Throws when the path no longer leads to the file that was opened. */
export type FileGuard = () => void

/**
 * Watches over the place of an open file. Without it a process would go on in a file that was deleted, beside others in
 * a new one: what one revokes the other would accept.
 */
export function createFileGuard(path: string): FileGuard {
  const identify = (): string | null => {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stat ? `${stat.dev} ${stat.ino}` : null
  }
  const opened = identify()
  return () => {
    if (opened === null || identify() !== opened)
      throw new PairError('store_unavailable', {
        message: 'The database file was moved, deleted or replaced while it was open.',
        hint: 'Put it back, or restart every process that uses it.',
      })
  }
}
