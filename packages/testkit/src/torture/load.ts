import { setTimeout as pause } from 'node:timers/promises'
import { RefusedError, UnheardError, type App } from './apps.ts'
import { isDone, isSure, type Ledger, type Newcomer, type Try } from './ledger.ts'
import { addressOf } from './roomy-pair.ts'
import type { Scope } from './scope.ts'

/** What comes at apps all the time, until it is stopped or the work is over. */
export interface Load {
  ledger: Ledger
  /** No more comes; resolves when all that came was answered. */
  stop(): Promise<void>
}

export interface LoadOptions {
  /** Those that answer now. */
  apps(): readonly App[]
  /** How many come at a time, of each sort. */
  lanes: number
}

/** Words that say that nothing came of it, or nobody knows: the store is away, or the process ends. */
const AWAY = new Set(['store_unavailable', 'store_busy', 'ending'])
/** Who waits longer was answered 503: nobody knows of him, and he takes a place. */
const FORGOTTEN_MS = 8_000

/**
 * Newcomers with codes and with requests, each redeemed, decided and collected by several at once, and half of them revoked again;
 * and a counter that is raised.
 */
export function startLoad(scope: Scope, { apps, lanes }: LoadOptions): Load {
  const ledger: Ledger = { newcomers: [], totals: [], unsureCounts: 0, odd: new Set() }
  let isOver = false
  let asked = 0

  const anyApp = (): App => {
    const all = apps()
    return all[asked++ % all.length]!
  }
  const address = (): string => addressOf(7 + (asked >> 16), asked++ % 65_536)

  /** An answer of whom it is asked of, again and again while it is away. */
  async function steadily<T>(ask: (app: App) => Promise<T | null>): Promise<T | null> {
    while (!isOver) {
      const gave = await ask(anyApp()).catch((error: unknown) => {
        if (error instanceof UnheardError) return null
        if (error instanceof RefusedError && AWAY.has(error.code)) return null
        throw error
      })
      if (gave !== null) return gave
      await pause(20)
    }
    return null
  }

  /** Two at once, and again while nobody is sure. */
  async function contest(tries: Try[], one: (app: App) => Promise<Try>): Promise<void> {
    for (let round = 0; !isOver || round === 0; round++) {
      const told = await Promise.all([one(anyApp()), one(anyApp())])
      tries.push(...told)
      if (told.every(isSure)) return
      await pause(20)
    }
  }

  async function endHalf(newcomer: Newcomer): Promise<void> {
    const { entries, house, revokes } = newcomer
    const sessionId = entries.find(isDone)?.sessionId
    if (sessionId === undefined || Math.random() < 0.5) return
    revokes.push(await tryTo(anyApp().ask('revoke', house, sessionId)))
  }

  async function byCode(): Promise<void> {
    const code = await steadily((app) => app.ask('issue'))
    if (code === null) return
    const newcomer: Newcomer = { house: 'codes', decisions: [], entries: [], revokes: [] }
    ledger.newcomers.push(newcomer)
    await contest(newcomer.entries, (app) =>
      enter(app.ask('post', 'codes', 'redeem', { code, transport: 'bearer' }, address())),
    )
    await endHalf(newcomer)
  }

  async function byRequest(): Promise<void> {
    const device = { label: 'A device', kind: 'app' }
    const waiting = await steadily(async (app) => {
      const answer = await app.ask(
        'post',
        'door',
        'request',
        { device, transport: 'bearer' },
        address(),
      )
      if (answer.status === 202) return answer
      if (answer.status === 429) await app.ask('turnAway', FORGOTTEN_MS)
      if (answer.status === 503 || answer.status === 429) return null
      throw new Error(`not asked: ${answer.status} ${JSON.stringify(answer.body)}`)
    })
    if (waiting === null) return
    const approvalId = (waiting.body['approval'] as { id: string }).id
    const digest = await steadily((app) => app.ask('digest', approvalId))
    if (digest === null) return
    const newcomer: Newcomer = {
      house: 'door',
      approvalId,
      decisions: [],
      entries: [],
      revokes: [],
    }
    ledger.newcomers.push(newcomer)
    await contest([], async (app) => {
      const verdict = Math.random() < 0.25 ? 'reject' : 'approve'
      const decided = await tryTo(app.ask(verdict, approvalId, digest))
      newcomer.decisions.push({ verdict, told: decided })
      return decided
    })
    const isLetIn = newcomer.decisions.some(
      ({ verdict, told: decided }) => verdict === 'approve' && isDone(decided),
    )
    if (!isLetIn) return
    const body = { claim: waiting.body['claim'] }
    await contest(newcomer.entries, (app) =>
      enter(app.ask('post', 'door', 'claim', body, address(), waiting.cookie)),
    )
    await endHalf(newcomer)
  }

  async function byNumber(): Promise<void> {
    try {
      ledger.totals.push(await anyApp().ask('count'))
    } catch {
      ledger.unsureCounts++
      await pause(20)
    }
  }

  const running = [byCode, byRequest, byNumber].flatMap((come) =>
    Array.from({ length: lanes }, async () => {
      while (!isOver)
        await come().catch(async (error: unknown) => {
          ledger.odd.add(String(error))
          await pause(20)
        })
    }),
  )
  scope.atEnd(() => void (isOver = true))
  return {
    ledger,
    async stop() {
      isOver = true
      await Promise.all(running)
    },
  }
}

async function tryTo(asked: Promise<unknown>): Promise<Try> {
  try {
    await asked
    return { status: 200, problem: null }
  } catch (error) {
    return refusedTry(error)
  }
}

async function enter(asked: ReturnType<App['ask']>): Promise<Try> {
  try {
    const { status, body } = (await asked) as { status: number; body: Record<string, unknown> }
    const { code, session, accessToken } = body as {
      code?: string
      session?: { id: string }
      accessToken?: string
    }
    return {
      status,
      problem: code ?? null,
      ...(session && { sessionId: session.id }),
      ...(accessToken !== undefined && { token: accessToken }),
    }
  } catch (error) {
    return refusedTry(error)
  }
}

function refusedTry(error: unknown): Try {
  if (error instanceof UnheardError) return { status: null, problem: null }
  if (!(error instanceof RefusedError)) throw error
  return { status: AWAY.has(error.code) ? 503 : 400, problem: error.code }
}
