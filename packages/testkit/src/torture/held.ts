import type { Pair } from '@pair/core'

/** How a socket and a stream ended, and when. */
export interface Ends {
  socket: { code: number; at: number }
  stream: { told: string; at: number }
}

/** Opens a socket and a stream of the access list with what `carrying` gives to a request. */
export async function holdOpen(
  pair: Pair<string>,
  carrying: (path: string, init?: RequestInit) => Request,
  now: () => number,
): Promise<{ ended: Promise<Ends> }> {
  const guard = await pair.openSocket(carrying('/live'), undefined, { scopes: ['notes'] })
  if (guard instanceof Response) throw new Error(`no socket: ${await guard.text()}`)
  const socket = new Promise<Ends['socket']>((resolve) => {
    guard.attach({ send() {}, close: (code) => resolve({ code, at: now() }) }, () => {})
  })
  const events = (await pair.handler(carrying('/auth/access/events')))!
  if (events.status !== 200) throw new Error(`no stream: ${await events.text()}`)
  const stream = toTheEnd(events.body!).then((told) => ({ told, at: now() }))
  return {
    ended: Promise.all([socket, stream]).then(([one, other]) => ({ socket: one, stream: other })),
  }
}

/** The last that a stream of events says. */
async function toTheEnd(body: ReadableStream<Uint8Array>): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const bytes of body) text += decoder.decode(bytes, { stream: true })
  return text.trim().split('\n\n').at(-1) ?? ''
}
