import { realpathSync, statSync } from 'node:fs'
import { PairError } from '@pair/core'

/** Throws when the path no longer leads to the files that were opened. */
export type FileGuard = () => void

/**
 * Watches over the places of an open file and its log. Without it a process would go on in files that were deleted, beside
 * others in new ones: what one revokes the other would accept.
 */
export function createFileGuard(path: string): FileGuard {
  // the log lies beside the file itself, not beside a link to it
  const places = [path, `${realpathSync(path)}-wal`]
  const identify = (place: string): string | null => {
    const stat = statSync(place, { bigint: true, throwIfNoEntry: false })
    return stat ? `${stat.dev} ${stat.ino}` : null
  }
  const opened = places.map(identify)
  return () => {
    for (const [at, place] of places.entries()) {
      const found = identify(place)
      if (found === null || found !== opened[at])
        throw new PairError('store_unavailable', {
          message:
            'The database file, or its log, was moved, deleted or replaced while it was open.',
          hint: 'Put it back, or restart every process that uses it.',
          undone: true,
        })
    }
  }
}
