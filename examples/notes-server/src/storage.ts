import { join } from 'node:path'
import { memoryStore, type Store } from '@pair/core'
import { sqliteStore } from '@pair/store-sqlite'
import { openNotes, type Notes } from './notes.ts'
import type { Settings } from './settings.ts'

/** Who has access, and the notes. */
export interface Storage {
  store: Store
  notes: Notes
  close(): void
}

/** Opens both in one SQLite file, so that a restart loses neither; or in this process' memory. */
export function openStorage({ store: kind, data }: Settings): Storage {
  if (kind === 'memory') {
    const notes = openNotes()
    return { store: memoryStore(), notes, close: () => notes.close() }
  }
  const file = join(data, 'notes.db')
  // first, since it makes the file, for its owner alone
  const store = sqliteStore(file)
  const notes = openNotes(file)
  return {
    store,
    notes,
    close() {
      notes.close()
      store.close()
    },
  }
}
