import type { AttachedSocket, Need, Pair, SocketGuard } from '@pair/core'
import type { Context, MiddlewareHandler } from 'hono'
import type { WSContext, WSEvents } from 'hono/ws'
import { requestInfo, type PairHonoOptions } from './request-info.ts'

interface SocketVariables<S extends string> {
  pairSocket: SocketGuard<S>
}

/**
 * Judges an upgrade before the 101, by ticket, cookie or header; `c.var.pairSocket` is the way in. Put `guardEvents`
 * around the events that stand behind it.
 *
 * @example
 * ```ts
 * import { createPair, memoryStore } from '@pair/core'
 * import { guardEvents, requireSocket } from '@pair/hono'
 * import { Hono } from 'hono'
 * import type { UpgradeWebSocket } from 'hono/ws'
 * declare const upgradeWebSocket: UpgradeWebSocket
 * const pair = createPair({ secret: crypto.getRandomValues(new Uint8Array(32)), store: memoryStore() })
 * const app = new Hono()
 * app.get(
 *   '/live',
 *   requireSocket(pair),
 *   upgradeWebSocket((c) => guardEvents(c, { onMessage: (event, ws) => ws.send(String(event.data)) })),
 * )
 * ```
 */
export function requireSocket<S extends string>(
  pair: Pair<S>,
  need: Need<S> = {},
  { connInfo }: PairHonoOptions = {},
): MiddlewareHandler<{ Variables: SocketVariables<S> }> {
  return async (c, next) => {
    const guard = await pair.openSocket(c.req.raw, await requestInfo(c, connInfo), need)
    if (guard instanceof Response) return guard
    c.set('pairSocket', guard)
    await next()
    return undefined
  }
}

/**
 * The app's socket events, held to the session: `onOpen` when the app may use the socket, `onMessage` for its frames
 * alone and in order. The socket is closed with 4003 when the session ends, and 4004 when it expires.
 */
export function guardEvents<T>(c: Context, events: WSEvents<T>): WSEvents<T> {
  const guard = c.get('pairSocket') as SocketGuard
  let attached: AttachedSocket | undefined
  let order: Promise<void> = Promise.resolve()
  // Not every runtime tells of the opening: the first event of any kind attaches.
  const attach = (event: Event, ws: WSContext<T>): AttachedSocket =>
    (attached ??= guard.attach(
      { send: (text) => ws.send(text), close: (code, reason) => ws.close(code, reason) },
      () => events.onOpen?.(event, ws),
    ))
  return {
    onOpen: (event, ws) => void attach(event, ws),
    onMessage(event, ws) {
      const socket = attach(event, ws)
      order = order.then(async () => {
        if (await socket.receive(await frameOf(event.data))) events.onMessage?.(event, ws)
      })
    },
    onClose(event, ws) {
      attached?.closed()
      events.onClose?.(event, ws)
    },
    onError: (event, ws) => events.onError?.(event, ws),
  }
}

async function frameOf(data: string | Blob | ArrayBufferLike): Promise<string | ArrayBuffer> {
  if (typeof data === 'string') return data
  return data instanceof Blob ? data.arrayBuffer() : (data as ArrayBuffer)
}
