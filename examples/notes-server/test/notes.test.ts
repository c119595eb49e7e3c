import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createNotesApi } from '../src/api.ts'
import { openLive } from '../src/live.ts'
import { openNotes, parseNoteText, type NotesChange } from '../src/notes.ts'

const post = (body: BodyInit): Request =>
  new Request('http://localhost/api/notes', { method: 'POST', body })

test('notes are listed newest first, and each change is told once', () => {
  const notes = openNotes()
  const heard: NotesChange[] = []
  const stop = notes.onChange((change) => void heard.push(change))
  const first = notes.add('one', 'Laptop')
  notes.add('two', 'Phone')
  expect(notes.list().map(({ text, by }) => [text, by])).toEqual([
    ['two', 'Phone'],
    ['one', 'Laptop'],
  ])
  expect(notes.remove(first.id)).toBe(true)
  expect(notes.remove(first.id)).toBe(false)
  stop()
  notes.add('three', 'Phone')
  expect(heard.map(({ type }) => type)).toEqual(['created', 'created', 'deleted'])
})

test('the oldest note makes room for the thousand-and-first', () => {
  const notes = openNotes()
  for (let n = 0; n <= 1_000; n++) notes.add(String(n), 'Laptop')
  expect(notes.list()).toHaveLength(1_000)
  expect(notes.list().at(-1)?.text).toBe('1')
})

test('notes of a file are there after it is opened anew, in their order', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'notes-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const before = openNotes(join(folder, 'notes.db'))
  for (const text of ['one', 'two', 'three']) before.add(text, 'Laptop')
  before.remove(before.list()[1]!.id)
  const kept = before.list()
  before.close()
  const after = openNotes(join(folder, 'notes.db'))
  expect(after.list()).toEqual(kept)
  expect(after.list().map(({ text }) => text)).toEqual(['three', 'one'])
  after.close()
})

test('a note is text of 1 to 2,000 characters', () => {
  expect(parseNoteText('  milk ')).toBe('milk')
  for (const value of ['', '   ', 'x'.repeat(2_001), 7, null, undefined, {}])
    expect(parseNoteText(value)).toBeNull()
})

test('the API answers a created note with 201, and bad input with a problem that loses nothing', async () => {
  const notes = openNotes()
  const api = createNotesApi(notes)
  const created = await api.add(post('{"text":"milk"}'), 'Laptop')
  expect(created.status).toBe(201)
  const { id } = (await created.json()) as { id: string }
  for (const body of [
    '{',
    '[]',
    'null',
    '{"text":1}',
    '{"text":""}',
    `{"text":"${'x'.repeat(100_000)}"}`,
  ]) {
    const refused = await api.add(post(body), 'Laptop')
    expect(refused.status).toBe(400)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
  }
  expect(await api.list().json()).toMatchObject({ items: [{ id, text: 'milk', by: 'Laptop' }] })
  expect(api.remove(id).status).toBe(204)
  expect(api.remove(id).status).toBe(404)
})

test('a live socket gets all notes and then each change; one that may only read is refused to write', () => {
  const notes = openNotes()
  const old = notes.add('old', 'Laptop')
  const sent: unknown[] = []
  const socket = {
    send: (text: string) => void sent.push(JSON.parse(text)),
    close: () => undefined,
    bufferedAmount: 0,
  }
  const viewer = openLive(notes, socket, { label: () => 'Phone', mayWrite: () => false })
  viewer.onMessage('{"type":"add","text":"no"}')
  notes.remove(old.id)
  expect(sent).toMatchObject([
    { type: 'all', notes: [{ text: 'old' }] },
    { type: 'refused' },
    { type: 'deleted', id: old.id },
  ])

  const writer = openLive(notes, socket, { label: () => 'Phone', mayWrite: () => true })
  writer.onMessage('{"type":"add","text":"yes"}')
  for (const bad of ['{', '7', new Uint8Array([1])]) writer.onMessage(bad)
  expect(notes.list()).toMatchObject([{ text: 'yes', by: 'Phone' }])
  viewer.onClose()
  writer.onClose()
  const count = sent.length
  notes.add('after', 'Laptop')
  expect(sent).toHaveLength(count)
})

test('a reader that is too slow is let go', () => {
  const socket = {
    send: vi.fn<() => void>(),
    close: vi.fn<() => void>(),
    bufferedAmount: 2_000_000,
  }
  openLive(openNotes(), socket, { label: () => 'Phone', mayWrite: () => false })
  expect(socket.send).not.toHaveBeenCalled()
  expect(socket.close).toHaveBeenCalledWith(1013, 'too slow')
})
