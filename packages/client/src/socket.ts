import type { TicketAnswer } from '@pair/core'
import { PairClientError } from './client-error.ts'
import type { DeviceKeys } from './device-key.ts'
import { type Endpoints, resolve } from './endpoints.ts'
import { createProof } from './proof.ts'
import type { Requests } from './requests.ts'

export interface SocketPorts {
  at(): Endpoints
  requests: Requests
  keys: DeviceKeys
  /** Default: the platform's, when a socket is opened. */
  WebSocket: typeof globalThis.WebSocket | undefined
  check(): Promise<void>
}

/** How a socket is opened. */
export interface SocketOptions {
  protocols?: string | string[] | undefined
  /** The one resource that it is for, where the server asks for one, and the mode: `screen:left`, `view`. */
  resource?: string
  mode?: string
}

/** Close codes with which the server says that the session behind a socket is over. */
const SESSION_OVER = [4003, 4004]

/** Opens a socket with a fresh ticket; it is open, and its `hello` sent, when the promise resolves. */
export async function openSocket(
  ports: SocketPorts,
  path: string | URL,
  options?: string | string[] | SocketOptions,
): Promise<WebSocket> {
  const url = resolve(ports.at(), path)
  const isPlain = typeof options !== 'object' || Array.isArray(options)
  const { protocols, resource, mode }: SocketOptions = isPlain ? { protocols: options } : options
  const body = { for: 'socket', resource, mode }
  const { ticket } = await ports.requests.json<TicketAnswer>('ticket', 'POST', '/tickets', { body })
  const key = await ports.keys.current()
  // signed before the socket opens: nothing may come before it
  const at = ports.requests.now()
  const hello = key?.paired
    ? JSON.stringify({
        type: 'hello',
        proof: await createProof(key, { method: 'GET', url, at, token: ticket }),
      })
    : undefined

  const address = new URL(url)
  address.protocol = url.protocol.replace('http', 'ws')
  address.searchParams.set('ticket', ticket)
  address.hash = ''
  const socket = create(ports.WebSocket ?? globalThis.WebSocket, address.href, protocols)
  return await new Promise((done, fail) => {
    socket.addEventListener('open', () => {
      if (hello) socket.send(hello)
      done(socket)
    })
    socket.addEventListener('close', ({ code }) => {
      if (SESSION_OVER.includes(code)) void ports.check()
      fail(new PairClientError('socket_failed'))
    })
  })
}

/** Node 20 has no WebSocket, and a page on https may open none without TLS. */
function create(
  Socket: typeof WebSocket,
  address: string,
  protocols?: string | string[],
): WebSocket {
  try {
    return new Socket(address, protocols)
  } catch {
    // its own message would repeat the ticket
    throw new PairClientError('socket_failed')
  }
}
