import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import type { PairOptions } from '@pair/core'

/** How newcomers may enter. */
export type AdmissionMode = NonNullable<PairOptions['admission']>

/** Where to listen, where to keep what must outlast the process, and how newcomers may enter. */
export interface Settings {
  port: number
  host: string
  /** The folder of the secret and of the SQLite file. */
  data: string
  store: 'sqlite' | 'memory'
  /** For the first start; from then on the page of devices sets it. */
  admission: AdmissionMode
  /** Sets the mode anew where the stored one can not be read. */
  recover: AdmissionMode | undefined
  /** How long a request waits for a decision. Milliseconds; `undefined`: as long as is usual. */
  pendingMs: number | undefined
  /** Where a proxy on this computer serves it: `https://notes.example`. */
  publicUrl: string | undefined
  /** In place of the one that is kept in the folder. */
  secret: string | undefined
}

const MODES: readonly string[] = [
  'closed',
  'code',
  'approval',
  'code+approval',
] satisfies AdmissionMode[]

/**
 * `PORT`, `HOST`, `DATA` (a folder; default `.data` in the app's), `STORE`, `ADMISSION`, `RECOVER_ADMISSION`,
 * `PENDING_SECONDS`, `PUBLIC_URL` and `PAIR_SECRET`.
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
  const pending = env['PENDING_SECONDS'] || undefined
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new Error(`PORT is "${port}", and a port is a number up to 65535. Try: PORT=3001`)
  if (isIP(host) === 0 && !/^[A-Za-z0-9.-]+$/.test(host))
    throw new Error(`HOST is "${host}", which is no address. Try: HOST=0.0.0.0`)
  if (store !== 'sqlite' && store !== 'memory')
    throw new Error(`STORE is "${store}", and there are two: STORE=sqlite or STORE=memory`)
  if (pending !== undefined && (!/^\d{1,5}$/.test(pending) || pending === '0'))
    throw new Error(
      `PENDING_SECONDS is "${pending}", and it is a number of seconds. Try: PENDING_SECONDS=600`,
    )
  const secret = env['PAIR_SECRET'] || undefined
  if (secret !== undefined && Buffer.byteLength(secret) < 32)
    throw new Error('PAIR_SECRET must be at least 32 bytes long. Leave it out to have one made.')
  // npm changes the folder before it starts a script, and says where the person was.
  const data = env['DATA'] ? resolve(env['INIT_CWD'] ?? '', env['DATA']) : join(folder, '.data')
  return {
    port: Number(port),
    host,
    data,
    store,
    admission: readMode(env, 'ADMISSION') ?? 'code',
    recover: readMode(env, 'RECOVER_ADMISSION'),
    pendingMs: pending === undefined ? undefined : Number(pending) * 1_000,
    publicUrl: env['PUBLIC_URL'] || undefined,
    secret,
  }
}

function readMode(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): AdmissionMode | undefined {
  const mode = env[name] || undefined
  if (mode !== undefined && !MODES.includes(mode))
    throw new Error(`${name} is "${mode}", and there are four: ${MODES.join(', ')}`)
  return mode as AdmissionMode | undefined
}
