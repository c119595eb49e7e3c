import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** Answers an upgrade with an ordinary HTTP response and closes the connection. */
export async function writeResponse(socket: Duplex, response: Response): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer())
  if (socket.destroyed || !socket.writable) return
  const lines = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`]
  for (const [name, value] of response.headers) if (!isOurs(name)) lines.push(`${name}: ${value}`)
  lines.push(`content-length: ${body.length}`, 'connection: close', '', '')
  socket.once('finish', () => socket.destroy())
  // header values are byte strings
  socket.write(Buffer.from(lines.join('\r\n'), 'latin1'))
  socket.end(body)
}

function isOurs(name: string): boolean {
  return name === 'content-length' || name === 'connection' || name === 'transfer-encoding'
}
