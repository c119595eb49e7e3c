export interface Note {
  id: string
  text: string
  /** The label of the device that wrote it. */
  by: string
  /** RFC 3339 */
  at: string
}

export type NotesChange = { type: 'created'; note: Note } | { type: 'deleted'; id: string }

/** The notes of this server. They live in memory: this is an example. */
export interface Notes {
  /** Newest first. */
  list(): Note[]
  add(text: string, by: string): Note
  /** Whether there was such a note. */
  remove(id: string): boolean
  /** Hears each change until the returned function is called. */
  onChange(listener: (change: NotesChange) => void): () => void
}

const maxNotes = 1_000
const maxLength = 2_000

/** The text of a note, trimmed; `null` where it is not text, empty or too long. */
export function parseNoteText(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = value.trim()
  return text === '' || text.length > maxLength ? null : text
}

/** An empty set of notes. The oldest makes room when there are a thousand. */
export function createNotes(): Notes {
  const notes = new Map<string, Note>()
  const listeners = new Set<(change: NotesChange) => void>()
  const tell = (change: NotesChange): void => {
    for (const listener of listeners) listener(change)
  }
  const remove = (id: string): boolean => {
    const existed = notes.delete(id)
    if (existed) tell({ type: 'deleted', id })
    return existed
  }
  return {
    list: () => [...notes.values()].reverse(),
    add(text, by) {
      const note = { id: crypto.randomUUID(), text, by, at: new Date().toISOString() }
      const [oldest] = notes.keys()
      if (notes.size >= maxNotes && oldest !== undefined) remove(oldest)
      notes.set(note.id, note)
      tell({ type: 'created', note })
      return note
    },
    remove,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
