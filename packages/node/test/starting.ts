import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { createDevice, sha256 } from './device.ts'
import { end } from './launching.ts'
import { canonical } from './server.ts'

/** A server that was started. */
export interface Started {
  /** All that it printed until it listened or refused to. */
  printed: string
  /** Empty where it refused. */
  origin: string
  /** The one-use secret of the banner; `null`: it shows none. */
  secret: string | null
  stop(): Promise<void>
}

const script = fileURLToPath(new URL('./first-start-process.ts', import.meta.url))

/** Starts a server in that folder, until the test has finished. */
export async function startIn(folder: string, env: Record<string, string> = {}): Promise<Started> {
  const child = spawn(process.execPath, ['--conditions=@pair/source', script], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), ...env },
  })
  onTestFinished(() => end(child))
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (/^(listening|refused)/.test(line)) break
  }
  const printed = lines.join('\n')
  return {
    printed,
    origin: /^listening (.*)$/m.exec(printed)?.[1] ?? '',
    secret: /#owner=([\w-]+)/.exec(printed)?.[1] ?? null,
    stop: () => end(child),
  }
}

/** Somebody with a key, who keeps the cookie of the first answer. */
export interface Person {
  claim(server: Started, secret: string | null): Promise<number>
  /** Whether that server knows it still. */
  isIn(server: Started): Promise<boolean>
}

export async function createPerson(): Promise<Person> {
  const device = await createDevice()
  let cookie = ''
  return {
    async claim({ origin }, secret) {
      const body = {
        secret: secret ?? '',
        device: { kind: 'browser', label: 'Laptop', publicKey: device.publicKey },
      }
      const htu = `${origin}/auth/claim-owner`
      const dpop = await device.prove({ htm: 'POST', htu, bodyHash: sha256(canonical(body)) })
      const answer = await fetch(htu, {
        method: 'POST',
        headers: { 'content-type': 'application/json', dpop },
        body: JSON.stringify(body),
      })
      cookie ||= (answer.headers.get('set-cookie') ?? '').split(';', 1)[0]!
      return answer.status
    },
    async isIn({ origin }) {
      const answer = await fetch(`${origin}/auth/session`, { headers: { cookie } })
      return ((await answer.json()) as { authenticated: boolean }).authenticated
    },
  }
}
