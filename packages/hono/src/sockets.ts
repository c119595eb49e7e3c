import type { AttachedSocket, AuthOf, Need, Pair, SocketGuard } from '@pair/core'
import type { Context, MiddlewareHandler } from 'hono'
import type { WSContext, WSEvents } from 'hono/ws'
import type { AnyNeedOf } from './guards.ts'
import { peerInfo, requestOf, type PairHonoOptions } from './request-info.ts'

interface SocketVariables<S extends string, W extends Need['who']> {
  pairSocket: SocketGuard<S, AuthOf<S, W>>
}

/**
 * Judges an upgrade before the 101, by ticket, cookie or header; `c.var.pairSocket` is the way in. Put `guardEvents`
 * around the events that stand behind it. Agents come with `who` in the need, by their keys in the header.
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
export function requireSocket<S extends string, W extends Need['who'] = undefined>(
  pair: Pair<S>,
  need: AnyNeedOf<NoInfer<S>, W> = {},
  { connInfo }: PairHonoOptions = {},
): MiddlewareHandler<{ Variables: SocketVariables<S, W> }> {
  return async (c, next) => {
    const needed = typeof need === 'function' ? need(c) : need
    const guard = await pair.openSocket<W>(requestOf(c), peerInfo(c, connInfo), needed)
    if (guard instanceof Response) return guard
    c.set('pairSocket', guard)
    await next()
    return undefined
  }
}

export interface GuardEventsOptions {
  /** Hears what the app's events throw; the socket is then closed with 1011. Default: the console. */
  onError?(error: unknown): void
}

/**
 * The app's socket events, held to the session: `onOpen` when the app may use the socket, `onMessage` for its frames
 * alone and in order. The socket is closed with 4003 when the session ends, and 4004 when it expires.
 *
 * @throws TypeError where `requireSocket` does not stand before it
 */
export function guardEvents<T>(
  c: Context,
  events: WSEvents<T>,
  options: GuardEventsOptions = {},
): WSEvents<T> {
  const guard = c.get('pairSocket') as SocketGuard | undefined
  if (guard === undefined)
    throw new TypeError('guardEvents: put `requireSocket` before it on the route')
  let attached: AttachedSocket | undefined
  let isOpen = false
  let reading: Promise<boolean> | undefined
  let order: Promise<void> = Promise.resolve()

  const attempt = (ws: WSContext<T>, step: () => void): void => {
    try {
      step()
    } catch (error) {
      if (options.onError) options.onError(error)
      else console.error(error)
      ws.close(1011, 'internal error')
    }
  }
  // Not every runtime tells of the opening: the first event of any kind attaches.
  const attach = (event: Event, ws: WSContext<T>): AttachedSocket =>
    (attached ??= guard.attach(
      { send: (text) => ws.send(text), close: (code, reason) => ws.close(code, reason) },
      () => {
        isOpen = true
        attempt(ws, () => events.onOpen?.(event, ws))
      },
    ))
  // Each frame is shown to the guard as it comes, so that it can count those that wait; a Blob has to be read first.
  const judge = (
    socket: AttachedSocket,
    data: string | Blob | ArrayBufferLike,
  ): Promise<boolean> => {
    if (reading === undefined && !(data instanceof Blob)) return socket.receive(toFrame(data))
    const frame = data instanceof Blob ? data.arrayBuffer() : toFrame(data)
    reading = (reading ?? Promise.resolve(true)).then(async () => socket.receive(await frame))
    return reading
  }
  return {
    onOpen: (event, ws) => void attach(event, ws),
    onMessage(event, ws) {
      const judged = judge(attach(event, ws), event.data).catch(() => false)
      order = order.then(async () => {
        if (await judged) attempt(ws, () => events.onMessage?.(event, ws))
      })
    },
    onClose(event, ws) {
      attached?.closed()
      void order.then(() => isOpen && attempt(ws, () => events.onClose?.(event, ws)))
    },
    onError(event, ws) {
      if (isOpen) attempt(ws, () => events.onError?.(event, ws))
    },
  }
}

function toFrame(data: string | ArrayBufferLike): string | ArrayBuffer {
  return typeof data === 'string' ? data : (data as ArrayBuffer)
}
