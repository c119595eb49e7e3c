import type { Home } from './home.ts'
import { needOf, ORIGIN } from './home.ts'

/** What a socket went through, as the server sees it. */
export interface SocketLog {
  urls: string[]
  protocols: (string | string[] | undefined)[]
  /** All frames that came in, `hello` too. */
  frames: string[]
  /** Those that reached the app. */
  heard: string[]
}

/** A WebSocket without a network: each `new` is judged by the real guard of the server. */
export function loopSocket(home: Home): { WebSocket: typeof WebSocket; log: SocketLog } {
  const log: SocketLog = { urls: [], protocols: [], frames: [], heard: [] }

  function Loop(address: string, protocols?: string | string[]): EventTarget {
    log.urls.push(address)
    log.protocols.push(protocols)
    let receive: ((frame: string) => Promise<unknown>) | undefined
    const close = (code: number): void => {
      receive = undefined
      socket.dispatchEvent(Object.assign(new Event('close'), { code }))
    }
    const socket = Object.assign(new EventTarget(), {
      send(frame: string) {
        log.frames.push(frame)
        void receive?.(frame)
      },
    })
    const request = new Request(address.replace(/^ws/, 'http'), { headers: { origin: ORIGIN } })
    const need = needOf(new URL(request.url).pathname)
    void home.pair.openSocket(request, undefined, need).then((guarded) => {
      if (guarded instanceof Response) return close(1006)
      const attached = guarded.attach({ send: () => undefined, close }, () => undefined)
      receive = async (frame) => {
        if (await attached.receive(frame)) log.heard.push(frame)
      }
      socket.dispatchEvent(new Event('open'))
    })
    return socket
  }

  return { WebSocket: Loop as unknown as typeof WebSocket, log }
}
