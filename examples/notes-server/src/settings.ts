import { isIP } from 'node:net'
import { join, resolve } from 'node:path'

/** Where to listen, and where to keep what must outlast the process. */
export interface Settings {
  port: number
  host: string
  /** The folder of the secret and of the SQLite file. */
  data: string
  store: 'sqlite' | 'memory'
}

/**
 * `PORT`, `HOST`, `DATA` (a folder; default `.data` in the app's) and `STORE`.
 *
 * @throws Error with one line for the person who started the server
 */
export function readSettings(
  env: Readonly<Record<string, string | undefined>>,
  folder: string,
): Settings {
  const port = env['PORT'] || '3000'
  const host = env['HOST'] || '127.0.0.1'
  const store = env['STORE'] || 'sqlite'
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new Error(`PORT is "${port}", and a port is a number up to 65535. Try: PORT=3001`)
  if (isIP(host) === 0 && !/^[A-Za-z0-9.-]+$/.test(host))
    throw new Error(`HOST is "${host}", which is no address. Try: HOST=0.0.0.0`)
  if (store !== 'sqlite' && store !== 'memory')
    throw new Error(`STORE is "${store}", and there are two: STORE=sqlite or STORE=memory`)
  // npm changes the folder before it starts a script, and says where the person was.
  const data = env['DATA'] ? resolve(env['INIT_CWD'] ?? '', env['DATA']) : join(folder, '.data')
  return { port: Number(port), host, data, store }
}
