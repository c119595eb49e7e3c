import { DatabaseSync } from 'node:sqlite'

export interface Note {
  id: string
  text: string
  /** The label of the device that wrote it. */
  by: string
  /** RFC 3339 */
  at: string
}

export type NotesChange = { type: 'created'; note: Note } | { type: 'deleted'; id: string }

/** The notes of this server. */
export interface Notes {
  /** Newest first. */
  list(): Note[]
  add(text: string, by: string): Note
  /** Whether there was such a note. */
  remove(id: string): boolean
  /** Hears each change that this process makes until the returned function is called. */
  onChange(listener: (change: NotesChange) => void): () => void
  close(): void
}

const maxNotes = 1_000
const maxLength = 2_000

const schema = `
  PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS note (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, text TEXT NOT NULL, "by" TEXT NOT NULL, at TEXT NOT NULL
  ) STRICT`

/** The text of a note, trimmed; `null` where it is not text, empty or too long. */
export function parseNoteText(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = value.trim()
  return text === '' || text.length > maxLength ? null : text
}

/** The notes of a SQLite file, or of this process' memory. The oldest makes room when there are a thousand. */
export function openNotes(file: string = ':memory:'): Notes {
  const database = new DatabaseSync(file)
  database.exec(schema)
  const list = database.prepare('SELECT id, text, "by", at FROM note ORDER BY place DESC')
  const thousandth = database.prepare(
    `SELECT id FROM note ORDER BY place DESC LIMIT 1 OFFSET ${maxNotes - 1}`,
  )
  const insert = database.prepare('INSERT INTO note (id, text, "by", at) VALUES (?, ?, ?, ?)')
  const erase = database.prepare('DELETE FROM note WHERE id = ?')

  const listeners = new Set<(change: NotesChange) => void>()
  const tell = (change: NotesChange): void => {
    for (const listener of listeners) listener(change)
  }
  const remove = (id: string): boolean => {
    const existed = erase.run(id).changes > 0
    if (existed) tell({ type: 'deleted', id })
    return existed
  }
  return {
    list: () => list.all() as unknown as Note[],
    add(text, by) {
      const note = { id: crypto.randomUUID(), text, by, at: new Date().toISOString() }
      const oldest = thousandth.get()
      if (oldest !== undefined) remove(String(oldest['id']))
      insert.run(note.id, note.text, note.by, note.at)
      tell({ type: 'created', note })
      return note
    },
    remove,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: () => database.close(),
  }
}
