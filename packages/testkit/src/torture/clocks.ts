import { freshPlace } from './arena.ts'
import { RefusedError, startApp, type Answer, type App } from './apps.ts'
import { addressOf } from './roomy-pair.ts'
import { scoped, timed, until, type Scope } from './scope.ts'
import { surely } from './surely.ts'
import type { TorturedStore, TortureRow } from './tortured-store.ts'

export interface ClockOptions {
  /** How far clocks are off, each in turn. Milliseconds, default 10,000 ahead and 10,000 behind. */
  offMs?: readonly number[]
}

/** A revoke reaches the others within that. */
const REVOKED = { withinMs: 1_000, everyMs: 10 }

/**
 * Two apps, the clock of one of which is off: it gives nothing and spends nothing, and goes on to guard, while the other works on. So
 * it is where the store tells a time.
 */
export function disagreeOnTime(
  store: TorturedStore,
  { offMs = [10_000, -10_000] }: ClockOptions = {},
): Promise<TortureRow> {
  return timed('clocks that disagree', async () => {
    const faults: string[] = []
    for (const aheadMs of offMs)
      await scoped(async (scope) => {
        const found = await disagreeOnce(store, scope, aheadMs)
        faults.push(...found.map((fault) => `with a clock ${aheadMs} ms ahead ${fault}`))
      })
    return { count: offMs.length, figures: `${offMs.join(' and ')} ms ahead`, faults }
  })
}

async function disagreeOnce(
  store: TorturedStore,
  scope: Scope,
  aheadMs: number,
): Promise<string[]> {
  const { setting } = await freshPlace(store, scope)
  const right = await startApp(store, scope, { setting })
  const wrong = await startApp(store, scope, { setting, aheadMs })
  const faults: string[] = []
  const expectWord = (what: string, word: string, wanted: string): void => {
    if (word !== wanted) faults.push(`${what} is answered ${word} in place of ${wanted}`)
  }
  const code = await surely(() => right.ask('issue'))
  for (let nth = 0; nth < 3; nth++)
    expectWord('a code there', wordOf(await redeem(wrong, code, nth)), '503 clock_skew')
  expectWord('who issues a code there', await wordOfIssue(wrong), 'clock_skew')
  const entered = await redeem(right, code, 3)
  expectWord('the same code where the clock is right', wordOf(entered), 'in')
  if (entered.status !== 200) return faults
  const { session, accessToken } = entered.body as { session: { id: string }; accessToken: string }
  expectWord('a token there', String(await wrong.ask('enter', 'codes', accessToken)), '200')
  await wrong.ask('revoke', 'codes', session.id)
  for (const [name, app] of Object.entries({ right, wrong })) {
    const enter = (): Promise<number> => app.ask('enter', 'codes', accessToken)
    const status = await until(enter, (found) => found === 401, REVOKED)
    expectWord(`who was revoked there, where the clock is ${name},`, String(status), '401')
  }
  return faults
}

function redeem(app: App, code: string, nth: number): Promise<Answer> {
  return app.ask('post', 'codes', 'redeem', { code, transport: 'bearer' }, addressOf(11, nth))
}

function wordOf({ status, body }: Answer): string {
  return status === 200 ? 'in' : `${status} ${String(body['code'])}`
}

function wordOfIssue(app: App): Promise<string> {
  return app.ask('issue').then(
    () => 'a code',
    (error: unknown) => (error instanceof RefusedError ? error.code : String(error)),
  )
}
