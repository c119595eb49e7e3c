import { describe, expect, test } from 'vitest'
import { createEventParser, type ServerSentEvent } from '../src/event-parser.ts'

function read(...pieces: string[]): { events: ServerSentEvent[]; waits: number[] } {
  const events: ServerSentEvent[] = []
  const waits: number[] = []
  const parse = createEventParser({
    onEvent: (e) => events.push(e),
    onRetry: (ms) => waits.push(ms),
  })
  for (const piece of pieces) parse(piece)
  return { events, waits }
}

const STREAM =
  ': beat\n\nid: c1\nevent: change\ndata: {"a":1}\n\nid: c2\nevent: reset\ndata: {}\n\n'
const EVENTS = [
  { type: 'change', data: '{"a":1}', id: 'c1' },
  { type: 'reset', data: '{}', id: 'c2' },
]

describe('a stream of events', () => {
  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('with %s line ends says the same wherever it is cut', (_name, end) => {
    const text = STREAM.replaceAll('\n', end)
    for (let first = 0; first <= text.length; first++) {
      for (let second = first; second <= text.length; second++) {
        const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)]
        expect(read(...pieces).events).toEqual(EVENTS)
      }
    }
  })

  test('says the same letter by letter', () => {
    expect(read(...STREAM.replaceAll('\n', '\r\n').split('')).events).toEqual(EVENTS)
  })

  test('joins the lines of one event', () => {
    expect(read('data: a\ndata:b\ndata\ndata:  c\n\n').events).toEqual([
      { type: 'message', data: 'a\nb\n\n c', id: '' },
    ])
  })

  test('keeps the id for the events that follow, and takes none with NUL', () => {
    const ids = read('id: 1\ndata: a\n\ndata: b\n\nid: x\0y\ndata: c\n\n').events.map(
      (event) => event.id,
    )
    expect(ids).toEqual(['1', '1', '1'])
  })

  test('an event without data is none, and its type is forgotten', () => {
    expect(read('event: change\n\ndata: a\n\n').events).toEqual([
      { type: 'message', data: 'a', id: '' },
    ])
  })

  test('an event that broke off is none', () => {
    expect(read('data: a\n\ndata: b\n').events).toHaveLength(1)
  })

  test('unknown fields and comments say nothing; a wait is heard when it is a number', () => {
    expect(read(':x\nfoo: bar\nretry: 20\nretry: 2x\nretry\n\n')).toEqual({
      events: [],
      waits: [20],
    })
  })
})
