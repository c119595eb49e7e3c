import { request as requestHttp } from 'node:http'

/** One server-sent event as it came; a comment has the name `comment`. */
export interface StreamEvent {
  id?: string
  event: string
  data: string
}

/** An open stream, as its reader has it. */
export interface EventStream {
  status: number
  headers: Readonly<Record<string, string | string[]>>
  /** The next event or comment; `null` when the stream has ended. */
  next(): Promise<StreamEvent | null>
  cut(): void
}

/** Opens a stream; it is read no faster than asked. */
export function openStream(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const request = requestHttp(url, { headers, agent: false })
    request.on('error', reject)
    request.on('response', (response) => {
      response.setEncoding('utf8')
      const chunks = response[Symbol.asyncIterator]() as AsyncIterator<string>
      let held = ''
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers as EventStream['headers'],
        async next() {
          for (;;) {
            const end = held.indexOf('\n\n')
            if (end >= 0) {
              const block = held.slice(0, end)
              held = held.slice(end + 2)
              return parse(block)
            }
            const { done, value } = await chunks.next()
            if (done) return null
            held += value
          }
        },
        cut: () => request.destroy(),
      })
    })
    request.end()
  })
}

function parse(block: string): StreamEvent {
  const event: StreamEvent = { event: 'comment', data: '' }
  for (const line of block.split('\n')) {
    const [name, value = ''] = line.split(/: (.*)/s)
    if (name === 'id') event.id = value
    else if (name === 'event') event.event = value
    else if (name === 'data') event.data += value
  }
  return event
}
