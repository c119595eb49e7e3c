import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** A frame as the library `ws` hands it over. */
export type WsData = Uint8Array | ArrayBuffer | readonly Uint8Array[]

/** What we ask of a socket of the library `ws`; its own `WebSocket` fits. */
export interface WsSocket {
  send(data: string | Uint8Array): void
  close(code?: number, reason?: string): void
  /** Cuts the connection without a closing handshake. */
  terminate(): void
  ping(): void
  pause(): void
  resume(): void
  /** Bytes that wait for a slow reader. */
  readonly bufferedAmount: number
  on(event: 'message', listener: (data: WsData, isBinary: boolean) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'close' | 'pong', listener: () => void): unknown
}

/** What we ask of a `WebSocketServer` made with `noServer: true`. */
export interface WsServer {
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    done: (socket: WsSocket) => void,
  ): void
}

/** The module `ws`, as far as we need it: `import { WebSocketServer } from 'ws'`. */
export interface WsModule {
  WebSocketServer: new (options: {
    noServer: true
    clientTracking: false
    maxPayload: number
    closeTimeout: number
  }) => WsServer
}
