import { isPairClientError, type PairClient } from '@pair/client'

export interface LivePorts {
  client: PairClient
  onMessage: (message: unknown) => void
  /** `refused`: this session may not have it. */
  onState: (state: 'live' | 'connecting' | 'lost' | 'refused') => void
}

const firstWaitMs = 500
const longestWaitMs = 15_000

/** Keeps a socket open, each time with a fresh ticket, until it is stopped or the session is over. */
export function keepLive(path: string, { client, onMessage, onState }: LivePorts): () => void {
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  let wait = firstWaitMs

  const later = (): void => {
    if (stopped) return
    onState('lost')
    timer = setTimeout(connect, wait)
    wait = Math.min(2 * wait, longestWaitMs)
  }
  const connect = (): void => {
    client.openSocket(path).then(
      (opened) => {
        if (stopped) return opened.close()
        socket = opened
        wait = firstWaitMs
        onState('live')
        opened.addEventListener('message', ({ data }) => onMessage(JSON.parse(String(data))))
        opened.addEventListener('close', later)
      },
      (error: unknown) => {
        // what is refused for good is told by the snapshot
        if (isPairClientError(error) && error.transient) later()
        else onState('refused')
      },
    )
  }
  onState('connecting')
  connect()
  return () => {
    stopped = true
    clearTimeout(timer)
    socket?.close()
  }
}
