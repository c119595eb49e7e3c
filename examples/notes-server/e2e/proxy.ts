import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Proxy {
  port: number
  /** Where requests go from now on. */
  leadTo(origin: string): void
}

/** A proxy as stands in front of a server: it hands requests on as they are, and says for whom. */
export async function startProxy(address: string): Promise<Proxy> {
  let target: string | undefined
  const proxy = createServer((asked, answer) => {
    if (target === undefined) return void answer.writeHead(502).end()
    const { method, url = '/', headers } = asked
    const forwarded = { ...headers, 'x-forwarded-for': address, 'x-forwarded-proto': 'http' }
    const call = request(new URL(url, target), {
      ...(method === undefined ? {} : { method }),
      headers: forwarded,
    })
    call.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    call.on('error', () => answer.destroy())
    answer.on('close', () => call.destroy())
    asked.pipe(call)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    proxy.close()
    proxy.closeAllConnections()
  })
  return {
    port: (proxy.address() as AddressInfo).port,
    leadTo: (origin) => void (target = origin),
  }
}

/** One that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
