import type { EventWire } from '@pair/core'
import { PairClientError, toClientError } from './client-error.ts'
import { createEventParser } from './event-parser.ts'
import { backOff, pause } from './pause.ts'
import type { Requests } from './requests.ts'
import { safely } from './snapshot.ts'

export interface WatchOptions {
  /** Start behind this cursor, such as that of `access.get()`. Default: now. */
  after?: string
  /** The watch ended by itself: the session is over, or this device may not watch any more. */
  onEnd?: (problem: PairClientError) => void
}

/** The server says something each 15 seconds; a connection that is silent for this long is dead. */
const SILENCE_MS = 45_000
const FIRST_WAIT_MS = 1_000

/** Follows the journal until it is told to stop, over lost connections. */
export function watchAccess(
  requests: Requests,
  onChange: (event: EventWire) => void,
  onReset: () => void = () => undefined,
  { after, onEnd }: WatchOptions = {},
): () => void {
  const stop = new AbortController()
  let cursor = after
  let wait = FIRST_WAIT_MS
  let failures = 0

  async function follow(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        // why the server ended a stream is told in full by its answer to the next request
        if ((await readOnce()) && failures++ === 0) continue
      } catch (error) {
        const problem = toClientError(error)
        if (!problem.transient && !stop.signal.aborted) return safely(() => onEnd?.(problem))
      }
      await pause(backOff(failures++, wait), stop.signal)
      // without a cursor nobody can tell what was missed
      if (cursor === undefined && !stop.signal.aborted) safely(onReset)
    }
  }

  /** One connection; `true`: the server ended it, `false`: it broke off. */
  async function readOnce(): Promise<boolean> {
    const connection = new AbortController()
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
    const end = (): void => {
      connection.abort()
      // a fetch of the app's may not pass the signal on to its body
      reader?.cancel().catch(() => undefined)
    }
    stop.signal.addEventListener('abort', end)
    let silence = setTimeout(end, SILENCE_MS)
    let ended = false
    const parse = createEventParser({
      onRetry: (ms) => (wait = ms),
      onEvent({ type, data, id }) {
        if (stop.signal.aborted) return
        if (type === 'end') ended = true
        cursor = id || cursor
        if (type === 'reset') safely(onReset)
        if (type === 'change') {
          const event = JSON.parse(data) as EventWire
          safely(() => onChange(event))
        }
      },
    })
    try {
      const query = cursor === undefined ? '' : `?after=${encodeURIComponent(cursor)}`
      const response = await requests.call('GET', `/access/events${query}`, {
        signal: connection.signal,
        accept: 'text/event-stream',
      })
      const isEvents = response.headers.get('content-type')?.startsWith('text/event-stream')
      if (!isEvents) throw new PairClientError('bad_answer', { status: response.status })
      reader = response.body?.getReader()
      const decoder = new TextDecoder()
      for (let pieces = 0; ; pieces++) {
        const piece = await reader?.read()
        if (!piece || piece.done || ended) return ended
        clearTimeout(silence)
        silence = setTimeout(end, SILENCE_MS)
        parse(decoder.decode(piece.value, { stream: true }))
        // more than a greeting: this connection works
        if (pieces > 0 && !ended) failures = 0
      }
    } finally {
      clearTimeout(silence)
      stop.signal.removeEventListener('abort', end)
      end()
    }
  }

  void follow()
  return () => stop.abort()
}
