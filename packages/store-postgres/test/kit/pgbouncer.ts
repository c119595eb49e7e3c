import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { answers, freePort } from './own-server.ts'

/** A pgbouncer that hands out connections by transaction. */
export interface Pgbouncer {
  url: string
  remove(): Promise<void>
}

const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

/** Where it is; `null` where there is none. */
export function findPgbouncer(): string | null {
  const named = process.env['PGBOUNCER_PATH']
  const folders = ['/usr/sbin', '/usr/local/sbin', ...(process.env['PATH'] ?? '').split(':')]
  const paths = [named, ...folders.map((folder) => join(folder, 'pgbouncer'))]
  return paths.find((path) => path !== undefined && existsSync(path)) ?? null
}

/** In front of that server. Two of its lines serve everybody, so that no client meets its own again for long. */
export async function newPgbouncer(program: string, target: string): Promise<Pgbouncer> {
  const { hostname, port, username, pathname } = new URL(target)
  const folder = mkdtempSync(join(tmpdir(), 'pair-pgbouncer-'))
  chmodSync(folder, 0o755)
  const at = await freePort()
  const settings = [
    '[databases]',
    `* = host=${hostname} port=${port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${at}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'default_pool_size = 4',
    'ignore_startup_parameters = extra_float_digits',
  ]
  // by any name it is this one there: who comes in is not asked
  settings[1] += ` user=${username} dbname=${pathname.slice(1)}`
  const file = join(folder, 'pgbouncer.ini')
  writeFileSync(file, settings.join('\n'))
  const child: ChildProcess = spawn(program, ['-q', file], { ...asNobody, stdio: 'ignore' })
  const endNow = (): void => void child.kill('SIGKILL')
  process.once('exit', endNow)
  const url = `postgres://${username}@127.0.0.1:${at}${pathname}`
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended: ${child.exitCode}`)
    await setTimeout(20)
  }
  return {
    url,
    async remove() {
      process.off('exit', endNow)
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit')
        child.kill('SIGINT')
        await gone
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
