import { isIP } from 'node:net'

/** Where to listen. */
export interface Settings {
  port: number
  host: string
}

/** `PORT` and `HOST`. @throws Error with one line for the person who started the server. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const port = env['PORT'] || '3000'
  const host = env['HOST'] || '127.0.0.1'
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new Error(
      `PORT is "${port}", and a port is a number up to 65535. Try: PORT=3001 npm run demo`,
    )
  if (isIP(host) === 0 && !/^[A-Za-z0-9.-]+$/.test(host))
    throw new Error(`HOST is "${host}", which is no address. Try: HOST=0.0.0.0 npm run demo`)
  return { port: Number(port), host }
}
