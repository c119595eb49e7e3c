import type { ServerResponse } from 'node:http'
import { createGzip } from 'node:zlib'

type Write = (piece: string | Uint8Array) => boolean

/** Compresses as the middlewares for it do: they take the place of write, end and on, and bring `flush`. */
export function compress(outgoing: ServerResponse): void {
  const stream = createGzip()
  const write = outgoing.write.bind(outgoing) as Write
  const end = outgoing.end.bind(outgoing) as () => void
  const on = outgoing.on.bind(outgoing)
  stream.on('data', (piece: Uint8Array) => {
    if (!write(piece)) stream.pause()
  })
  stream.on('end', () => end())
  on('drain', () => stream.resume())
  const begin = (): void => {
    if (outgoing.headersSent) return
    outgoing.removeHeader('content-length')
    outgoing.setHeader('content-encoding', 'gzip')
    outgoing.writeHead(outgoing.statusCode)
  }
  const inPlace = {
    write(piece: string | Uint8Array) {
      begin()
      return stream.write(piece)
    },
    end(piece?: string | Uint8Array) {
      begin()
      return piece === undefined ? stream.end() : stream.end(piece)
    },
    on(event: string, listener: () => void) {
      if (event === 'drain') stream.on(event, listener)
      else on(event, listener)
      return outgoing
    },
    flush: () => stream.flush(),
  }
  Object.assign(outgoing, inPlace)
}
