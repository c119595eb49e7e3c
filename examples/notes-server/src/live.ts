import { parseNoteText, type Notes } from './notes.ts'

/** What the live side asks of a socket. */
export interface LiveSocket {
  send(text: string): void
  close(code: number, reason: string): void
  readonly bufferedAmount: number
}

export interface LiveHandlers {
  onMessage(frame: string | Uint8Array): void
  onClose(): void
}

const maxBufferedBytes = 1_048_576

/**
 * Notes over a socket: all of them at once, then each change. A viewer's own frames are answered with a refusal; who may
 * write sends `{"type":"add","text":"…"}`. Asked at each frame: rights may be taken away meanwhile.
 */
export function openLive(
  notes: Notes,
  socket: LiveSocket,
  who: { label(): string; mayWrite(): boolean },
): LiveHandlers {
  const send = (message: unknown): void => {
    if (socket.bufferedAmount > maxBufferedBytes) socket.close(1013, 'too slow')
    else socket.send(JSON.stringify(message))
  }
  const stop = notes.onChange(send)
  send({ type: 'all', notes: notes.list() })
  return {
    onMessage(frame) {
      if (!who.mayWrite()) return send({ type: 'refused', detail: 'This device may only read.' })
      const text = parseNoteText(textOf(frame))
      if (text === null) send({ type: 'refused', detail: 'Write a note of 1 to 2,000 characters.' })
      else notes.add(text, who.label())
    },
    onClose: stop,
  }
}

function textOf(frame: string | Uint8Array): unknown {
  try {
    const message: unknown = JSON.parse(typeof frame === 'string' ? frame : '')
    return typeof message === 'object' && message !== null && 'text' in message
      ? message.text
      : undefined
  } catch {
    return undefined
  }
}
