import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'

/**
 * Sends a Web `Response`: its status, its headers beside the cookies that are set already, and its body as fast as the
 * peer reads. Once the peer is gone, or where another has answered, nothing is written and the body is cancelled.
 *
 * @throws what reading the body throws; an answer that had begun is cut off then
 */
export async function sendResponse(outgoing: ServerResponse, response: Response): Promise<void> {
  const { body } = response
  if (outgoing.headersSent || isOver(outgoing)) return await body?.cancel()
  if (body === null || outgoing.req.method === 'HEAD') {
    setHead(outgoing, response)
    outgoing.end()
    return await body?.cancel()
  }
  const reader = body.getReader()
  let wake: () => void = () => {}
  outgoing.on('drain', () => wake())
  outgoing.on('close', () => {
    wake()
    // At once, also while the body has nothing to say: a stream of events may be silent for long.
    reader.cancel().catch(() => {})
  })
  const write = async (piece: Uint8Array): Promise<void> => {
    // a middleware around it may answer nothing at all
    const hasRoom = (outgoing.write(piece) as boolean | undefined) ?? !outgoing.writableNeedDrain
    // What compresses keeps pieces back until it is told; `flush` is what the middlewares for it call that.
    if ('flush' in outgoing && typeof outgoing.flush === 'function') outgoing.flush()
    if (!hasRoom && !isOver(outgoing)) await new Promise<void>((resolve) => (wake = resolve))
  }
  const first = await reader.read()
  const second = reader.read()
  // A body of one piece goes out with its length; the first piece of a stream waits no longer than this.
  const isWhole = await Promise.race([second.then(({ done }) => done), setImmediate(false)])
  if (outgoing.headersSent || isOver(outgoing)) return await reader.cancel()
  setHead(outgoing, response)
  if (first.done || isWhole) return void outgoing.end(first.value)
  try {
    await write(first.value)
    let piece = await second
    while (!piece.done && !isOver(outgoing)) {
      await write(piece.value)
      piece = await reader.read()
    }
    outgoing.end()
  } catch (error) {
    if (outgoing.headersSent) outgoing.destroy()
    throw error
  }
}

function isOver(outgoing: ServerResponse): boolean {
  return outgoing.destroyed || outgoing.writableEnded
}

function setHead(outgoing: ServerResponse, { status, headers }: Response): void {
  outgoing.statusCode = status
  for (const [name, value] of headers) {
    if (name === 'set-cookie' || name === 'vary') outgoing.appendHeader(name, value)
    else outgoing.setHeader(name, value)
  }
}
