import type { Note, NotesChange } from '../src/notes.ts'
import { el } from './dom.ts'
import { keepLive } from './live.ts'
import { notice, startPage, type Content, type Page } from './shell.ts'
import { timeAndDay } from './time.ts'

type Message = NotesChange | { type: 'all'; notes: Note[] } | { type: 'refused'; detail: string }

const states = {
  live: 'Live: notes appear as they are written.',
  connecting: 'Connecting…',
  lost: 'The server can not be reached. Trying again…',
  refused: 'This device may not read the notes.',
}

startPage('/', (page) => {
  const session = page.client.getSnapshot().session
  const mayWrite = session?.scopes.includes('notes:write') ?? false
  const list = createList(mayWrite ? (id) => void remove(page, id, problem) : null)
  const state = el('p', { class: 'soft', id: 'live', role: 'status' })
  const problem = el('div')
  const stop = keepLive('/live', {
    client: page.client,
    onState(now) {
      state.replaceChildren(el('span', { class: now === 'live' ? 'dot on' : 'dot' }), states[now])
    },
    onMessage(message) {
      const known = message as Message
      if (known.type === 'all') list.replace(known.notes)
      else if (known.type === 'created') list.add(known.note)
      else if (known.type === 'deleted') list.remove(known.id)
    },
  })
  const form = mayWrite
    ? composer(page, list, problem)
    : el('p', { class: 'soft' }, 'This device may read notes, not write them.')
  const label = session?.device.label ?? ''
  const content: Content = {
    nodes: [
      el('h1', {}, 'Notes'),
      state,
      form,
      problem,
      list.root,
      el('p', { class: 'soft' }, `This browser is paired as ${label}.`),
    ],
    close: stop,
  }
  return content
})

function composer(page: Page, list: NoteList, problem: HTMLElement): HTMLElement {
  const input = el('textarea', { id: 'note', maxlength: '2000', required: true, rows: '2' })
  const button = el('button', { class: 'main', type: 'submit' }, 'Save note')
  const save = async (): Promise<void> => {
    button.disabled = true
    try {
      const response = await page.client.fetch('/api/notes', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: input.value }),
      })
      if (!response.ok) return problem.replaceChildren(await toNotice(response))
      list.add((await response.json()) as Note)
      input.value = ''
      problem.replaceChildren()
      input.focus()
    } catch (error) {
      problem.replaceChildren(
        notice('The note was not saved.', error instanceof Error ? error.message : ''),
      )
    } finally {
      button.disabled = false
    }
  }
  return el(
    'form',
    {
      class: 'card',
      onsubmit: (event) => {
        event.preventDefault()
        void save()
      },
    },
    el('label', { for: 'note' }, 'New note'),
    input,
    button,
  )
}

async function remove(page: Page, id: string, problem: HTMLElement): Promise<void> {
  try {
    const response = await page.client.fetch(`/api/notes/${encodeURIComponent(id)}`, {
      method: 'DELETE',
    })
    problem.replaceChildren(
      ...(response.ok || response.status === 404 ? [] : [await toNotice(response)]),
    )
  } catch (error) {
    problem.replaceChildren(
      notice('The note was not deleted.', error instanceof Error ? error.message : ''),
    )
  }
}

async function toNotice(response: Response): Promise<HTMLElement> {
  const body = (await response.json().catch(() => ({}))) as { detail?: unknown }
  return notice('That did not work.', typeof body.detail === 'string' ? body.detail : '')
}

interface NoteList {
  root: HTMLElement
  replace(notes: readonly Note[]): void
  /** A note that is there already stays as it is. */
  add(note: Note): void
  remove(id: string): void
}

function createList(onDelete: ((id: string) => void) | null): NoteList {
  const items = new Map<string, HTMLElement>()
  const list = el('ul', { class: 'list', id: 'notes', 'aria-label': 'Notes' })
  const empty = el('p', { class: 'empty' }, 'There are no notes yet.')
  const root = el('div', {}, empty, list)
  const settle = (): void => {
    empty.hidden = items.size > 0
    list.hidden = items.size === 0
  }
  const add = (note: Note): void => {
    if (items.has(note.id)) return
    const item = el(
      'li',
      {},
      el(
        'div',
        { class: 'grow' },
        el('div', { class: 'text' }, note.text),
        el('div', { class: 'soft' }, `${note.by}, ${timeAndDay(note.at)}`),
      ),
      onDelete &&
        el(
          'button',
          { class: 'quiet', type: 'button', onclick: () => onDelete(note.id) },
          'Delete',
        ),
    )
    items.set(note.id, item)
    list.prepend(item)
    settle()
  }
  settle()
  return {
    root,
    replace(notes) {
      items.clear()
      list.replaceChildren()
      for (const note of [...notes].reverse()) add(note)
      settle()
    },
    add,
    remove(id) {
      items.get(id)?.remove()
      items.delete(id)
      settle()
    },
  }
}
