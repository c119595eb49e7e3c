import type { Driver, Line, Run, Wait } from './driver.ts'
import { createDurably } from './durably.ts'
import { createLines } from './lines.ts'
import type { Script } from './lua/script.ts'
import { toRefusal, wordOf } from './outcome.ts'

type Call = (script: Script, keys: readonly string[], args?: readonly string[]) => Promise<unknown>

/** Runs scripts, each by its name; the server is given the text where it has lost it. */
export interface Calls {
  /** @throws PairError */
  run: Call
  /** What it wrote is with the replicas that were asked for. @throws PairError: then nobody knows */
  runDurably: Call
  /** Asks each primary the same; `null` where it can't be asked. */
  askPrimaries(command: readonly string[]): Promise<unknown[] | null>
  close(): void
}

/**
 * Calls over lines of that driver, none of which takes longer than `timeoutMs`, and the wait for replicas. `demoted`: the server became a
 * replica.
 */
export function createCalls(
  driver: Driver,
  timeoutMs: number,
  wait: Wait | null,
  demoted: () => void,
): Calls {
  const plain = createLines(driver, timeoutMs)
  const slowMs = timeoutMs + (wait?.timeoutMs ?? 0)
  const slow = wait && createLines(driver, slowMs)
  const parts = { isCluster: driver.isCluster, timeoutMs: slowMs }
  const durably = wait && slow && createDurably(slow, wait, parts)

  const sendPlainly = (run: Run): Promise<unknown> => plain.send((line: Line) => line.run(run))

  /** A server that does not know a script has done nothing. */
  async function call(
    send: (run: Run) => Promise<unknown>,
    ...[script, keys, args = []]: Parameters<Call>
  ): Promise<unknown> {
    try {
      return await send({ by: 'EVALSHA', body: script.sha, keys, args })
    } catch (error) {
      if (wordOf(error) !== 'NOSCRIPT') throw refusal(error)
    }
    try {
      return await send({ by: 'EVAL', body: script.text, keys, args })
    } catch (error) {
      throw refusal(error)
    }
  }

  function refusal(error: unknown): Error {
    if (wordOf(error) === 'READONLY') {
      // another line may lead to the primary
      plain.leave()
      slow?.leave()
      demoted()
    }
    return toRefusal(error)
  }

  return {
    run: (...given) => call(sendPlainly, ...given),
    runDurably: (...given) => call(durably ? durably.run : sendPlainly, ...given),
    askPrimaries: (command) => plain.send((line) => line.askPrimaries(command)).catch(() => null),
    close() {
      plain.close()
      slow?.close()
    },
  }
}
