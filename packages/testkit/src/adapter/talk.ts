import { WebSocket } from 'ws'

/** An open socket, as its peer has it. */
export interface Talk {
  say(frame: string | Uint8Array): void
  /** The next frame that came, or will. */
  heard(): Promise<string>
  /** The code with which it closes, or closed. */
  closed: Promise<number>
  leave(code: number): void
  cut(): void
}

/** A socket that must open: rejects with the status of a refusal. */
export function openTalk(
  url: string,
  headers: Readonly<Record<string, string>>,
  ca: string | undefined,
): Promise<Talk> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), {
    headers,
    ...(ca === undefined ? {} : { ca }),
  })
  const frames: string[] = []
  const waiting: { resolve(frame: string): void; reject(error: Error): void }[] = []
  socket.on('message', (data, isBinary) => {
    const frame = isBinary ? 'bytes' : toText(data)
    const next = waiting.shift()
    if (next === undefined) frames.push(frame)
    else next.resolve(frame)
  })
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  void closed.then((code) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`closed with ${code}`))
  })
  const talk: Talk = {
    say: (frame) => socket.send(frame),
    heard() {
      const frame = frames.shift()
      if (frame !== undefined) return Promise.resolve(frame)
      if (socket.readyState === WebSocket.CLOSED) return Promise.reject(new Error('closed'))
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
    closed,
    leave: (code) => socket.close(code),
    cut: () => socket.terminate(),
  }
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(talk))
    socket.on('error', reject)
    socket.once('unexpected-response', (_, response) => {
      response.resume()
      reject(new Error(`refused: ${response.statusCode}`))
    })
  })
}

function toText(data: ArrayBuffer | Buffer | Buffer[]): string {
  return Buffer.concat([data].flat().map((part) => Buffer.from(part as Uint8Array))).toString()
}
