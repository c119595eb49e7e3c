import { constants } from 'node:fs'
import type { Millis } from '@pair/core'
import { withCleanUp, withPrivate } from '../file-secrets-disk.ts'
import type { FileStoreDisk, Mark } from './disk-file.ts'
import type { View } from './mirror.ts'
import type { State } from './state.ts'

/** How far a file ever was. Kept apart from it: who lags behind and meets an old copy knows it by that. */
export interface Trail<S> {
  /** Before that state is put in the place of the file with that mark. Only for who holds the lock. */
  begin(next: S, before: Mark | null): Promise<void>
  /** The view as it is; or where the file was further, as the work of another hand. */
  judge(view: View<S>, isFirst: boolean): Promise<View<S>>
}

interface Note {
  revision: number
  birth: Millis
  /** What stood there when that was begun: it stands there still where a process died then. */
  before: string | null
}

// No link is followed; what stands there is overwritten in one writing, never cut off
const WRITE = constants.O_WRONLY | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)
/** So long is each, more than any needs: it overwrites the one before. */
const LENGTH = 512

/**
 * A trail in that file. It is not synced: a power cut ends all who could lag behind.
 */
export function createTrail(fs: FileStoreDisk, path: string): Trail<State> {
  async function read(): Promise<Note | null> {
    return await withPrivate(fs, path, async (file) => {
      // whatever else somebody left there stays behind it
      const { buffer, bytesRead } = await file.read(Buffer.alloc(LENGTH), 0, LENGTH, 0)
      return parseNote(buffer.toString('utf8', 0, bytesRead))
    })
  }

  return {
    async begin({ revision, birth }, before) {
      const note: Note = { revision, birth, before: before?.whole ?? null }
      const file = await fs.open(path, WRITE, 0o600)
      await withCleanUp(
        () => file.writeFile(`${JSON.stringify(note).padEnd(LENGTH - 1)}\n`),
        () => file.close(),
      )
    },
    async judge(view, isFirst) {
      const note = await read()
      if (note === null) return isFirst ? view : toEdited(view, view.state)
      const isThere = view.state.revision >= note.revision || view.mark.whole === note.before
      return isThere ? view : toEdited(view, note)
    },
  }
}

/** None of its versions is believed, and places go on behind all that were given out. */
function toEdited(
  view: View<State>,
  { revision, birth }: Pick<Note, 'revision' | 'birth'>,
): View<State> {
  const { state } = view
  const records = state.records.copy()
  for (const [id, row] of records.rows()) records.put(id, { ...row, version: '' })
  return {
    ...view,
    isEdited: true,
    state: { ...state, revision, birth: Math.max(state.birth, birth), records },
  }
}

/** `null` where it is not whole. */
function parseNote(text: string): Note | null {
  try {
    const { revision, birth, before } = JSON.parse(text) as Record<keyof Note, unknown>
    if (!Number.isSafeInteger(revision) || !Number.isSafeInteger(birth)) return null
    return { revision: revision as number, birth: birth as number, before: before as string | null }
  } catch {
    return null
  }
}
