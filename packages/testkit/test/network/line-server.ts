import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { faultProxy, type FaultProxy } from '@pair/testkit'
import { onTestFinished } from 'vitest'

/** A server that answers each line by `did` and the line, and keeps what it was asked. */
export async function lineServer(): Promise<{ port: number; asked: string[]; sockets: Socket[] }> {
  const asked: string[] = []
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      asked.push(String(bytes))
      socket.write(`did ${String(bytes)}`)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, asked, sockets }
}

export async function proxied(): Promise<{
  proxy: FaultProxy
  asked: string[]
  sockets: Socket[]
}> {
  const { port, ...server } = await lineServer()
  const proxy = await faultProxy({ port })
  onTestFinished(() => proxy.close())
  return { proxy, ...server }
}

export interface App {
  socket: Socket
  /** The answer to a line, or the code of the error that came instead. */
  ask(line: string): Promise<string | null>
  /** Resolves with the code of the error by which it ended, `null` for none. */
  ended: Promise<string | null>
}

export async function connected(proxy: { host: string; port: number }): Promise<App> {
  const socket = connect(proxy)
  onTestFinished(() => void socket.destroy())
  let broken: string | null = null
  socket.on('error', (error: NodeJS.ErrnoException) => (broken = error.code ?? error.message))
  const ended = new Promise<string | null>((end) => socket.once('close', () => end(broken)))
  await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), ended])
  return {
    socket,
    ended,
    ask(line) {
      const answer = new Promise<string>((resolve) =>
        socket.once('data', (bytes) => resolve(String(bytes))),
      )
      socket.write(line)
      return Promise.race([answer, ended])
    },
  }
}

/** Until that is so, over turns of the sockets. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}
