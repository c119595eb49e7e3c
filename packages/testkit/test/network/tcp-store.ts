import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Store } from '@pair/core'

/** Serves a store over TCP: one call a connection, its name and what it is asked as JSON. */
export async function serveStore(store: Store): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)))
    socket.once('data', (bytes) => {
      const [call, args] = JSON.parse(String(bytes)) as [keyof Store, unknown[]]
      const answer = (store[call] as (...args: unknown[]) => Promise<unknown>)(...args)
      void answer.then((value) => socket.end(JSON.stringify([value])))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** The app's end of it. Calls throw where the connection breaks. */
export function tcpStore(place: { host: string; port: number }): Store {
  async function ask<T>(call: keyof Store, ...args: unknown[]): Promise<T> {
    const socket = connect(place)
    socket.write(JSON.stringify([call, args]))
    const [answer] = JSON.parse(await text(socket)) as [T]
    return answer
  }
  return {
    read: (key) => ask('read', key),
    list: (prefix, page) => ask('list', prefix, page),
    commit: (checks, writes) => ask('commit', checks, writes),
    increment: (counter, by, purgeAt) => ask('increment', counter, by, purgeAt),
    tail: (stream, after, limit) => ask('tail', stream, after, limit),
    purge: (before, limit) => ask('purge', before, limit),
  }
}
