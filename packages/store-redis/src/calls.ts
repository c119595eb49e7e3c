import { PairError } from '@pair/core'
import type { Driver, Run, Wait } from './driver.ts'
import type { Script } from './lua/script.ts'
import { READ } from './lua/reads.ts'
import { toRefusal, wordOf } from './outcome.ts'
import { withPatience } from './patience.ts'

/** Runs scripts, each by its name; the server is given the text where it has lost it. */
export interface Calls {
  /** @throws PairError */
  run(script: Script, keys: readonly string[], args?: readonly string[]): Promise<unknown>
  /** What it wrote is with the replicas that were asked for. @throws PairError: then nobody knows */
  runDurably(script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown>
}

/** How often a pipeline looks for the server to which its keys have moved. */
const MOVES = 3

/** Calls over that driver, none of which takes longer than `timeoutMs`, and the wait for replicas. */
export function createCalls(driver: Driver, timeoutMs: number, wait: Wait | null): Calls {
  const toRun = (by: Run['by'], script: Script, ...[keys, args = []]: Arguments): Run => {
    return { by, body: by === 'EVALSHA' ? script.sha : script.text, keys, args }
  }

  /** A server that does not know a script has done nothing. */
  async function reload<T>(send: (by: Run['by']) => Promise<T>): Promise<T> {
    try {
      return await send('EVALSHA')
    } catch (error) {
      if (wordOf(error) !== 'NOSCRIPT') throw error
      return send('EVAL')
    }
  }

  async function call<T>(ms: number, work: () => Promise<T>): Promise<T> {
    try {
      return await withPatience(ms, work())
    } catch (error) {
      throw toRefusal(error)
    }
  }

  const plainly = (script: Script, ...rest: Arguments): Promise<unknown> =>
    reload((by) => driver.run(toRun(by, script, ...rest)))

  async function durably(asked: Wait, script: Script, ...rest: Arguments): Promise<unknown> {
    for (let move = 0; ; move++) {
      try {
        const { answer, replicas } = await reload((by) =>
          driver.runAndWait!(toRun(by, script, ...rest), asked),
        )
        // what changed nothing has nothing that a replica could lack
        if (String(answer) !== '0' && !(replicas >= asked.replicas)) throw tooFew(asked, replicas)
        return answer
      } catch (error) {
        if (wordOf(error) !== 'MOVED' || move === MOVES) throw error
        // nothing was done. A call by itself goes after its key, and the driver then knows the way
        await plainly(READ, rest[0].slice(0, 1)).catch(() => {})
      }
    }
  }

  return {
    run: (script, ...rest) => call(timeoutMs, () => plainly(script, ...rest)),
    runDurably: (script, ...rest) =>
      wait
        ? call(timeoutMs + wait.timeoutMs, () => durably(wait, script, ...rest))
        : call(timeoutMs, () => plainly(script, ...rest)),
  }
}

type Arguments = [keys: readonly string[], args?: readonly string[]]

function tooFew({ replicas, timeoutMs }: Wait, acknowledged: number): PairError {
  return new PairError('store_unavailable', {
    hint: 'Look at the replicas: INFO replication. Whether it holds is found out at the next call.',
    reason: `${acknowledged} of ${replicas} replicas had it within ${timeoutMs} ms`,
  })
}
