import type { ServerResponse } from 'node:http'
import { sendResponse } from '../src/index.ts'
import { serve, type Serving } from './serving.ts'

/** A server that sends what `make` makes. */
export interface Sending extends Serving {
  /** The answers as Node has them. */
  answers: ServerResponse[]
  /** What `sendResponse` came to, in order: `sent`, or the message of what it threw. */
  ends: string[]
}

export async function sending(make: (outgoing: ServerResponse) => Response): Promise<Sending> {
  const answers: ServerResponse[] = []
  const ends: string[] = []
  const serving = await serve((_, outgoing) => {
    answers.push(outgoing)
    sendResponse(outgoing, make(outgoing)).then(
      () => ends.push('sent'),
      (error: Error) => {
        ends.push(error.message)
        if (!outgoing.headersSent) outgoing.writeHead(500).end()
      },
    )
  })
  return { ...serving, answers, ends }
}

/** A body that says `pieces` and then nothing more, and tells when it was cancelled. */
export function silentAfter(...pieces: string[]): {
  body: ReadableStream<Uint8Array>
  over(): boolean
} {
  let cancelled = false
  const left = pieces.map((piece) => new TextEncoder().encode(piece))
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = left.shift()
      if (piece) controller.enqueue(piece)
    },
    cancel: () => void (cancelled = true),
  })
  return { body, over: () => cancelled }
}

/** The bytes of a request. */
export const get = ({ host }: Serving, method = 'GET'): string =>
  `${method} / HTTP/1.1\r\nHost: ${host}\r\n\r\n`
