/** One event of a `text/event-stream`. */
export interface ServerSentEvent {
  type: string
  data: string
  /** The last id that the stream named; empty where it named none. */
  id: string
}

export interface EventParserOptions {
  onEvent(event: ServerSentEvent): void
  /** The stream asks to wait this long before a new connection. Milliseconds. */
  onRetry?(ms: number): void
}

/**
 * Reads a stream of events in pieces of any size.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createEventParser(options: EventParserOptions): (piece: string) => void {
  let rest = ''
  /** The last piece ended in CR: an LF that follows belongs to that line end. */
  let afterCr = false
  let type = ''
  let data: string[] = []
  let id = ''

  function take(line: string): void {
    if (line === '') {
      if (data.length > 0) options.onEvent({ type: type || 'message', data: data.join('\n'), id })
      type = ''
      data = []
      return
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') type = value
    else if (field === 'data') data.push(value)
    else if (field === 'id' && !value.includes('\0')) id = value
    else if (field === 'retry' && /^\d+$/.test(value)) options.onRetry?.(Number(value))
  }

  return (piece) => {
    if (piece === '') return
    const text = rest + (afterCr && piece.startsWith('\n') ? piece.slice(1) : piece)
    afterCr = text.endsWith('\r')
    const lines = text.split(/\r\n|\n|\r/)
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  }
}
