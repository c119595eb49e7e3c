import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** What to tell a person on whose machine no nginx was found. */
export const nginxMend = 'install nginx (apt-get install nginx-light), or set NGINX_PATH to it'

/** Finds nginx: `NGINX_PATH`, then the search path, then where systems put what only root may run. */
export function findNginx(): string | null {
  const named = process.env['NGINX_PATH']
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`NGINX_PATH names no file: ${named}`)
    return named
  }
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, 'nginx')).find((file) => existsSync(file)) ?? null
}

/** How a proxy passes requests on: where it listens, where they go, and the directives in between. */
export interface Passing {
  /** Where it listens; absent: a free port of 127.0.0.1. */
  listen?: string
  /** `http://…` of what stands behind it. */
  to: string
  directives: readonly string[]
}

/** A running nginx, until the test has finished. */
export interface Nginx {
  port: number
  origin: string
}

/** Where it listens is chosen before it does, so somebody may be there first: then it is tried again. */
export async function startNginx(passing: Passing): Promise<Nginx> {
  for (let tries = 5; ; tries--) {
    const port = await freePort()
    const complaint = await run(port, passing)
    if (complaint === null) return { port, origin: `http://127.0.0.1:${port}` }
    if (tries === 1 || !/Address already in use/.test(complaint)) throw new Error(complaint)
  }
}

/** Starts it in a folder of its own; answers its complaint if it ends, `null` once it listens. */
async function run(port: number, passing: Passing): Promise<string | null> {
  const nginx = findNginx()
  if (nginx === null) throw new Error(nginxMend)
  const folder = mkdtempSync(join(tmpdir(), 'pair-nginx-'))
  writeFileSync(join(folder, 'nginx.conf'), configOf(folder, port, passing))
  const child = spawn(nginx, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  })
  let said = ''
  // It binds its ports before it tells its version.
  const listens = new Promise<null>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (/\[notice\].*nginx\/\d/.test(said)) resolve(null)
    })
  })
  return Promise.race([listens, ended.then(() => said)])
}

function configOf(folder: string, port: number, { listen, to, directives }: Passing): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
    daemon off;
    master_process off;
    pid ${folder}/nginx.pid;
    error_log stderr notice;
    events { worker_connections 256; }
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n      ')}
      large_client_header_buffers 4 64k;
      server {
        listen ${listen ?? `127.0.0.1:${port}`};
        location / {
          proxy_pass ${to};
          ${directives.join('\n          ')}
        }
      }
    }`
}

async function freePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
