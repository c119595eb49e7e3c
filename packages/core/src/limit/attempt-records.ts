import type { Clock } from '../ports/runtime.ts'
import { SECOND, type Millis } from '../time.ts'
import type { CounterRecords } from './counter-records.ts'
import { ruleFor, subjectText, type LimitSettings, type Subject } from './limits.ts'
import type { LockoutRecords, Place } from './lockout-records.ts'
import type { LimitStanding } from './window.ts'

declare const counted: unique symbol

/** A guess that was counted and may be judged. There is no other way to one, and no way to look a code up without one. */
export interface Attempt {
  readonly [counted]: true
  /** Where the window of its class stands. */
  readonly standing: LimitStanding
  readonly of: Guess['of']
  /** `null`: nobody is locked out there. */
  readonly place: Place | null
}

export type Begun =
  | { ok: true; attempt: Attempt }
  | { ok: false; why: 'rate_limited' | 'locked_out' | 'codes_suspended'; standing: LimitStanding }

/** What is tried: a typed code can be guessed, the secrets of links and of the first owner can't. */
export interface Guess {
  as: 'redeem' | 'preview'
  of: 'typed' | 'unguessable'
  by: Subject
}

/** What a guess that was no failure came to. */
export interface Judged<T> {
  answer: T
  /** Whether it made a session by a code of one use. */
  minted: boolean
}

export interface AttemptRecords {
  /** Counts a guess before it is judged; of any number at once no more pass than may fail. */
  begin(guess: Guess, now: Millis): Promise<Begun>
  /** Takes back one that nothing was looked up for. */
  abandon(attempt: Attempt, now: Millis): Promise<void>
  /**
   * Judges a guess and keeps what became of it: `code_invalid` was wrong, anything else says nothing of other codes. A first
   * mint by a single-use code forgives what was wrong before it.
   */
  judge<T>(attempt: Attempt, clock: Clock, evaluate: () => Promise<Judged<T>>): Promise<T>
}

/** Links are no guesses: there may be so many times as many, and that only so that the store keeps up. */
const LINKS = 10

export function createAttemptRecords(
  counters: CounterRecords,
  lockouts: LockoutRecords,
  { classes, lockout, typed }: LimitSettings,
): AttemptRecords {
  function locked(resetAt: Millis): Begun {
    const { failures: max, lockMs: windowMs } = lockout
    const standing = { name: 'lockout', max, windowMs, remaining: 0, resetAt }
    return { ok: false, why: 'locked_out', standing }
  }

  /** May one more typed code be tried by all together? Looked at by 0, counted by 1. */
  async function budget(
    by: 0 | 1,
    { folded }: Subject,
    now: Millis,
  ): Promise<{ ok: boolean; standing: LimitStanding }> {
    if (folded) {
      // Nobody who writes headers as he likes takes the half of those who come directly.
      const half = { ...typed, max: Math.floor(typed.max / 2) }
      const share = await counters.count('typed-codes', 'proxied', half, now, by)
      if (!share.ok) return share
    }
    return counters.count('typed-codes', 'all', typed, now, by)
  }

  async function mayLock(of: Guess['of'], now: Millis): Promise<boolean> {
    return of === 'typed' || lockouts.mayLockForAnything(now)
  }

  /** Kept behind the answer, which it doesn't change: where it fails, the guess counts as a failure. */
  async function settle(
    { place, of }: Attempt,
    became: 'right' | 'wrong' | 'minted',
    now: Millis,
  ): Promise<void> {
    if (place === null) return
    if (became === 'wrong') {
      if (place.position >= lockout.failures && (await mayLock(of, now)))
        await lockouts.lock(place.network, place.since, now)
    } else if (became === 'minted' && place.position > 1) await lockouts.forgive(place, now)
    else await lockouts.clear(place)
  }

  return {
    async begin({ as, of, by }, now) {
      const { network, folded } = by
      const rule = ruleFor(by, classes[as])
      // Where many share an address, wrong codes of one take nothing from the links of others.
      const [name, windows] =
        folded && of === 'unguessable'
          ? [`${as}-links`, { ...rule, max: rule.max * LINKS }]
          : [as, rule]
      const { ok, standing } = await counters.count(name, subjectText(by), windows, now)
      if (!ok) return { ok: false, why: 'rate_limited', standing }
      const lockedUntil = folded ? null : await lockouts.lockedUntil(network, now)
      if (lockedUntil !== null) return locked(lockedUntil)
      const suspended = (spent: LimitStanding): Begun => ({
        ok: false,
        why: 'codes_suspended',
        standing: spent,
      })
      // Looked at first: who comes when it is spent is not counted as a guess, and leaves nothing behind.
      const left = of === 'typed' ? await budget(0, by, now) : null
      if (left?.ok === false) return suspended(left.standing)
      const place = folded ? null : await lockouts.enter(network, now)
      const attempt = { standing, of, place } as Attempt
      // Also for who may not pass: each lock of a typed guess has to be paid for.
      const giveBack = (): Promise<void> => settle(attempt, 'right', now)
      const spent = await (of === 'typed' ? budget(1, by, now) : null)?.catch(
        async (error: unknown) => {
          await giveBack().catch(() => {})
          throw error
        },
      )
      if (spent?.ok === false) {
        await giveBack()
        return suspended(spent.standing)
      }
      if (place === null && !folded && (await mayLock(of, now))) {
        // Those before it are looked at still, or their process died over it: unsure is locked, for as long as that is so.
        await lockouts.lock(network, now, now)
        return locked(now + SECOND)
      }
      return { ok: true, attempt }
    },

    abandon: (attempt, now) => settle(attempt, 'right', now),

    async judge(attempt, clock, evaluate) {
      try {
        const { answer, minted } = await evaluate()
        await settle(attempt, minted ? 'minted' : 'right', clock()).catch(() => {})
        return answer
      } catch (error) {
        await settle(attempt, isWrong(error) ? 'wrong' : 'right', clock()).catch(() => {})
        throw error
      }
    },
  }
}

function isWrong(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'code_invalid'
}
