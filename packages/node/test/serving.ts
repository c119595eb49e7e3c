import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { dial, type Dialled } from './dial.ts'

export interface Serving {
  origin: string
  host: string
  /** A bare connection on which these bytes were written. */
  dial(bytes: string): Dialled
}

/** A real server on a real port, until the test has finished. */
export async function serve(listener: RequestListener): Promise<Serving> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const host = `127.0.0.1:${port}`
  return {
    host,
    origin: `http://${host}`,
    dial: (bytes) => dial(port, bytes),
  }
}
