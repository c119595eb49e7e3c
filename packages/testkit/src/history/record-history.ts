import type { Key, Store } from '@pair/core'
import type { Answer, Asked, HistoryEvent } from './history.ts'

export interface RecordOptions {
  /** The name of this recorder, another for each one of a history. Default: the id of the process. */
  process?: string
  /**
   * Hears each line before the call goes on: where a process may be killed, write it out at once, by `writeSync`. A call
   * whose line is lost with its process makes a right history look wrong. Default: nobody.
   */
  onEvent?: (event: HistoryEvent) => void
}

export interface RecordedStore {
  /** The store, every call of which is recorded. */
  store: Store
  /** The history until now. */
  events: readonly HistoryEvent[]
}

/**
 * A store that writes down what it is asked and what it answers: records and counters, for `checkHistory`. Streams,
 * watches, `purge` and `time` go through unrecorded.
 *
 * Record from the empty store on, all handles on it, and purge nothing meanwhile: what nobody recorded can't be
 * explained. All recorders of a history run on one machine, by whose monotonic clock (`process.hrtime`) they are merged.
 *
 * @example
 * const recorded = recordHistory(myStore(connection))
 * await raceOver(recorded.store)
 * expect(checkHistory(recorded.events)).toEqual({ ok: true })
 */
export function recordHistory(
  real: Store,
  { process: name = String(process.pid), onEvent }: RecordOptions = {},
): RecordedStore {
  const events: HistoryEvent[] = []
  let calls = 0
  let latest = 0

  /** Later than all before it, though the clock stood still. */
  const now = (): number => (latest = Math.max(latest + 1, Number(process.hrtime.bigint())))
  const tell = (event: HistoryEvent): void => {
    events.push(event)
    onEvent?.(event)
  }

  async function record<T extends Answer>(asked: Asked, go: () => Promise<T>): Promise<T> {
    const head = { process: name, call: calls++ }
    tell({ ...head, at: now(), told: 'asked', asked })
    let answer: T
    try {
      answer = await go()
    } catch (error) {
      tell({ ...head, at: now(), told: 'failed', error: String(error) })
      throw error
    }
    tell({ ...head, at: now(), told: 'answered', answer: copyOf(answer) })
    return answer
  }

  return {
    events,
    store: {
      read: (key) => record({ do: 'read', key: [...key] }, () => real.read(key)),
      list: (prefix, page) =>
        record({ do: 'list', prefix: [...prefix] }, () => real.list(prefix, page)),
      commit: (checks, writes) =>
        record(
          {
            do: 'commit',
            checks: checks.map(({ key, version }) => ({ key: [...key], version })),
            writes: writes.flatMap((write) =>
              'append' in write ? [] : [{ key: [...write.key], value: write.value }],
            ),
          },
          () => real.commit(checks, writes),
        ),
      increment: (counter, by, purgeAt) =>
        record({ do: 'increment', counter: [...counter], by }, () =>
          real.increment(counter, by, purgeAt),
        ),
      tail: (stream, after, limit) => real.tail(stream, after, limit),
      purge: (before, limit) => real.purge(before, limit),
      ...(real.time && { time: () => real.time!() }),
      ...(real.watch && { watch: (prefix: Key, on) => real.watch!(prefix, on) }),
    },
  }
}

/** What was answered then, whatever its receiver makes of it. */
function copyOf(answer: Answer): Answer {
  return typeof answer === 'object' ? structuredClone(answer) : answer
}
