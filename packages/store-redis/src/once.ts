import { PairError } from '@pair/core'
import type { Script } from './lua/script.ts'

/** For a client that may send twice: what it sends is done within `timeoutMs`, by the clock of the server, or never. */
export interface Once {
  /** What the clock of the server said just now. */
  learn(serverMs: number): void
  /** The script knows by the last key what was done, and by the last arguments how long it may be. @throws PairError */
  run(script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown>
}

export function createOnce(
  run: (script: Script, keys: readonly string[], args: readonly string[]) => Promise<unknown>,
  timeoutMs: number,
): Once {
  let aheadMs = 0

  const learn = (serverMs: number): void => {
    aheadMs = serverMs - performance.now()
  }
  const attempt = (...[script, keys, args]: Parameters<Once['run']>): Promise<unknown> => {
    const notAfter = Math.floor(performance.now() + aheadMs + timeoutMs)
    return run(script, keys, [...args, String(notAfter), String(timeoutMs)])
  }

  return {
    learn,
    async run(...given) {
      const answer = await attempt(...given)
      const late = lateness(answer)
      if (late === null) return answer
      // nothing was done
      learn(late)
      const second = await attempt(...given)
      if (lateness(second) === null) return second
      throw new PairError('store_unavailable', {
        reason: `Redis got it later than ${timeoutMs} ms after it was sent; nothing was done`,
      })
    },
  }
}

function lateness(answer: unknown): number | null {
  const [, at] = /^late(\d+)$/.exec(String(answer)) ?? []
  return at === undefined ? null : Number(at)
}
