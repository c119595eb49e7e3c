import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createPair, type Actor, type Pair } from '@pair/core'
import { sqliteStore, type SqliteStore } from '@pair/store-sqlite'
import { onTestFinished } from 'vitest'
import { addressOf, OPTIONS } from './options.ts'

/** What a process is asked to do. */
export interface Order {
  codes: string[]
  inFlight: number
}

/** What came of one attempt. */
export interface Outcome {
  code: string
  status: number
  problem: string | null
  sessionId: string | null
}

export type Told = { ready: true } | { outcome: Outcome } | { done: true }

const SECRET = 'a secret of these tests, 32 bytes or more'

/** The parent's own view of the file that its children fight over. */
export interface Arena {
  file: string
  store: SqliteStore
  pair: Pair<string>
  /** That many live codes. One issuer has twenty at most, so there are many issuers. */
  issue(count: number): Promise<string[]>
  /** How many sessions it made to issue them. */
  issuers(): number
  /** Ends these, and with them what is left of their codes: there is room for others. */
  dismiss(): Promise<void>
}

export function openArena(): Arena {
  const folder = mkdtempSync(join(tmpdir(), 'pair-torture-'))
  const file = join(folder, 'pair.db')
  const store = sqliteStore(file)
  const pair = createPair<string>({ ...OPTIONS, secret: SECRET, store })
  onTestFinished(async () => {
    await pair.close()
    store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const origin = 'http://localhost'
  let issuers = 0
  let standing: `ses_${string}`[] = []
  const issuer = async (): Promise<Actor> => {
    issuers++
    const { typed } = await pair.codes.issue({ origin, scopes: ['notes'] })
    const request = new Request(`${origin}/auth/redeem`, {
      method: 'POST',
      body: JSON.stringify({ code: typed, transport: 'bearer' }),
      headers: { 'content-type': 'application/json' },
    })
    const info = { remoteAddress: addressOf(process.pid, issuers) }
    const { session } = (await (await pair.handler(request, info))!.json()) as {
      session: { id: `ses_${string}`; device: { id: `dev_${string}` } }
    }
    standing.push(session.id)
    return { kind: 'session', sessionId: session.id, deviceId: session.device.id }
  }
  return {
    issuers: () => issuers,
    file,
    store,
    pair,
    async issue(count) {
      const codes: string[] = []
      while (codes.length < count) {
        const by = await issuer()
        for (let n = 0; n < 20 && codes.length < count; n++)
          codes.push((await pair.codes.issue({ origin }, by)).typed)
      }
      return codes
    },
    async dismiss() {
      for (const id of standing) await pair.sessions.revoke(id)
      standing = []
    },
  }
}

export interface Redeemer {
  outcomes: Outcome[]
  order(order: Order): void
  /** Resolves with the first outcome. */
  begun: Promise<void>
  /** Resolves when every code of the order was decided. */
  done: Promise<void>
  kill(): Promise<void>
}

/** A child process that is ready for orders. */
export async function startRedeemer(file: string): Promise<Redeemer> {
  const child: ChildProcess = fork(
    fileURLToPath(new URL('redeemer.ts', import.meta.url)),
    [file, SECRET],
    {
      execArgv: ['--conditions=@pair/source', '--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const outcomes: Outcome[] = []
  let begin = (): void => {}
  let finish = (): void => {}
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const done = new Promise<void>((resolve) => (finish = resolve))
  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the process ended before it was ready')))
    child.on('message', (told: Told) => {
      if ('ready' in told) resolve()
      else if ('outcome' in told) {
        outcomes.push(told.outcome)
        begin()
      } else finish()
    })
  })
  await ready
  return {
    outcomes,
    begun,
    done,
    order: (order) => void child.send(order),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}
