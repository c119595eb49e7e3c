import { once } from 'node:events'
import { setTimeout } from 'node:timers'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A way to the server that can be cut. */
export interface Relay {
  url: string
  /** Ends all lines; new ones are refused. */
  cut(): Promise<void>
  /** Takes no new lines; those that there are stay. */
  refuse(): void
  /** What is sent is lost from now on, on the lines that there are, and on new ones until `mend`. Nobody is told. */
  swallow(): void
  /** The next line on which the client sends that text ends there and then. */
  endOn(text: string): void
  /** Whatever is sent from now on arrives so much later. */
  delay(ms: number): void
  /** New lines get through again. Those that lost something stay as they are. */
  mend(): Promise<void>
  close(): Promise<void>
}

export async function newRelay(target: string): Promise<Relay> {
  const { hostname, port } = new URL(target)
  const ends = new Set<Socket>()
  let swallows = false
  let lossy: { lost: boolean } = { lost: false }
  let ending: string | null = null
  let delayMs = 0
  let at = 0

  function join(from: Socket): void {
    const line = lossy
    const to = connect(Number(port), hostname)
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      ends.add(one)
      one.on('data', (bytes) => {
        if (ending !== null && one === from && bytes.includes(ending)) {
          ending = null
          one.resetAndDestroy()
        } else if (delayMs > 0) setTimeout(() => other.write(bytes), delayMs)
        else if (!line.lost) other.write(bytes)
      })
      one.on('error', () => {})
      one.on('close', () => {
        ends.delete(one)
        other.destroy()
      })
    }
  }

  const server = createServer(join)
  const listen = async (): Promise<void> => {
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    at = (server.address() as AddressInfo).port
  }
  await listen()
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String(at)

  let closed: Promise<unknown> | undefined
  function refuse(): void {
    if (!server.listening) return
    closed = once(server, 'close')
    server.close()
  }

  async function cut(): Promise<void> {
    refuse()
    for (const end of ends) end.destroy()
    await closed
  }

  return {
    url: url.href,
    cut,
    refuse,
    swallow() {
      swallows = true
      lossy.lost = true
    },
    endOn: (text) => void (ending = text),
    delay: (ms) => void (delayMs = ms),
    async mend() {
      if (swallows) lossy = { lost: false }
      swallows = false
      if (!server.listening) await listen()
    },
    close: cut,
  }
}
