import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A bare connection. */
export interface Dialled {
  socket: Socket
  /** Until what came back matches; answers all of it. Throws if the connection closes before. */
  until(pattern: RegExp): Promise<string>
  /** Until the connection closes; answers all that came back. */
  closed(): Promise<string>
}

/** Opens a connection to a port of this machine and writes bytes to the letter. */
export function dial(port: number, bytes: string): Dialled {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let text = ''
  let look: () => void = () => {}
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)))
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    look()
  })
  socket.write(bytes)
  return {
    socket,
    async until(pattern) {
      const found = new Promise<void>((resolve) => {
        look = () => pattern.test(text) && resolve()
        look()
      })
      await Promise.race([found, closed])
      if (!pattern.test(text)) throw new Error(`closed before ${pattern}: ${text}`)
      return text
    },
    closed: () => closed,
  }
}
