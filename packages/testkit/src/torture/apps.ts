import type { PairOptions } from '@pair/core'
import type { Verb, Verbs } from './app-verbs.ts'
import { startChild } from './child.ts'
import type { Scope } from './scope.ts'
import type { TorturedStore } from './tortured-store.ts'

/** Which of the two instances of an app: where one comes in by a code, or where a person decides. */
export type House = 'codes' | 'door'

export interface AppOptions {
  /** What its module is given to open the store. */
  setting: unknown
  /** How far its clock is ahead of the machine's. Milliseconds, default 0. */
  aheadMs?: number
  /** In place of those that let everything pass. */
  limits?: PairOptions<string>['limits']
}

export interface Asked {
  nth: number
  verb: string
  args: unknown[]
}

export type Told = { nth: number; gave: unknown } | { nth: number; refused: string }

/** A response as it is told between processes. */
export interface Answer {
  status: number
  body: Readonly<Record<string, unknown>>
  cookie: string
}

export interface App {
  /** @throws RefusedError with a code, UnheardError where the process ended before it answered */
  ask<V extends Verb>(
    verb: V,
    ...args: Parameters<Verbs[V]>
  ): Promise<Awaited<ReturnType<Verbs[V]>>>
  /** Ends it by that signal; answers its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

export class RefusedError extends Error {
  readonly code: string
  constructor(code: string) {
    super(`refused: ${code}`)
    this.code = code
  }
}

export class UnheardError extends Error {}

/** An app in a process of its own, where the store can be opened there. */
export async function startApp(
  store: TorturedStore,
  scope: Scope,
  { setting, aheadMs = 0, limits }: AppOptions,
): Promise<App> {
  const open = new Map<number, { done(gave: unknown): void; fail(error: Error): void }>()
  const child = await startChild<Told>('app', {
    store,
    scope,
    given: { setting, aheadMs, limits },
    heard(told) {
      const asked = open.get(told.nth)
      open.delete(told.nth)
      if ('gave' in told) asked?.done(told.gave)
      else asked?.fail(new RefusedError(told.refused))
    },
  })
  const ended = child.ended.then(({ code }) => {
    for (const { fail } of open.values()) fail(new UnheardError('its process ended'))
    return code
  })
  let nth = 0
  return {
    ask<V extends Verb>(verb: V, ...args: Parameters<Verbs[V]>) {
      const asked: Asked = { nth: ++nth, verb, args }
      return new Promise<Awaited<ReturnType<Verbs[V]>>>((done, fail) => {
        open.set(asked.nth, { done: done as (gave: unknown) => void, fail })
        child.send(asked).catch(() => fail(new UnheardError('its process had ended')))
      })
    },
    end(signal) {
      child.kill(signal)
      return ended
    },
  }
}
