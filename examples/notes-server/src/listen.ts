import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Listens and answers the port. @throws Error with one line for the person who started the server. */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Error(inWords(error, port, host), { cause: error })))
    server.listen(port, host, resolve)
  })
  return (server.address() as AddressInfo).port
}

function inWords(error: Error, port: number, host: string): string {
  const code = 'code' in error ? error.code : undefined
  const other = port < 65_535 ? port + 1 : port - 1
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Try another: PORT=${other}`
  if (code === 'EACCES') return `Port ${port} is not for you to use. Try a higher one: PORT=3000`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is no address of this machine. Try: HOST=0.0.0.0`
  return `The server can not listen on ${host} port ${port}: ${error.message}`
}
