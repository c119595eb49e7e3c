import { clearTimeout, setTimeout } from 'node:timers'
import { PairError } from '@pair/core'
import { tagOf } from './drivers/slot.ts'
import type { Run, Wait } from './driver.ts'
import { tooLong, type Lines } from './lines.ts'
import { READ } from './lua/reads.ts'
import { wordOf } from './outcome.ts'

/**
 * Runs on lines of its own, since `WAIT` holds up all that comes behind it. What comes meanwhile goes together with the next `WAIT`.
 */
export interface Durably {
  /** What it wrote is with the replicas that were asked for. @throws PairError: then nobody knows */
  run(run: Run): Promise<unknown>
}

interface Member {
  run: Run
  /** Its time is over, or it was answered. */
  isOver: boolean
  resolve(answer: unknown): void
  reject(error: unknown): void
}

interface Queue {
  members: Member[]
  /** How often in a row the server said that the keys have moved. */
  moves: number
}

/** So many share a `WAIT`. */
const AT_ONCE = 500
/** More than so many are refused: an answer would come too late for them. */
const MOST = 10_000
/** How often it looks for the server to which its keys have moved. */
const MOVES = 3

/** None takes longer than `timeoutMs`, the wait for its turn included; what is given up before its turn is never sent. */
export function createDurably(
  lines: Lines,
  wait: Wait,
  { isCluster, timeoutMs }: { isCluster: boolean; timeoutMs: number },
): Durably {
  /** In a cluster one for each slot: these keys may be on different servers. */
  const queues = new Map<string, Queue>()
  let count = 0

  async function pump(name: string, queue: Queue): Promise<void> {
    while (queue.members.length > 0) {
      await turn(queue, queue.members.splice(0, AT_ONCE))
    }
    queues.delete(name)
  }

  async function turn(queue: Queue, members: Member[]): Promise<void> {
    try {
      let sent: Member[] = []
      const { answers, replicas } = await lines.send(async (line) => {
        // a line may have been waited for as well
        sent = members.filter(({ isOver }) => !isOver)
        if (sent.length === 0) return { answers: [], replicas: 0 }
        return line.runAndWait(
          sent.map(({ run }) => run),
          wait,
        )
      })
      const moved: Member[] = []
      for (const [at, member] of sent.entries()) {
        const answer = answers[at]!
        if (answer.status === 'fulfilled') settle(member, answer.value, replicas)
        else if (wordOf(answer.reason) === 'MOVED' && queue.moves < MOVES) moved.push(member)
        else member.reject(answer.reason)
      }
      queue.moves = moved.length > 0 ? queue.moves + 1 : 0
      if (moved.length === 0) return
      // nothing was done. A call by itself goes after its key, and the line then knows the way
      const { keys } = moved[0]!.run
      const look: Run = { by: 'EVAL', body: READ.text, keys: [keys[0]!, keys[0]!], args: [] }
      await lines.send((line) => line.run(look)).catch(() => {})
      queue.members.unshift(...moved)
    } catch (error) {
      for (const member of members) member.reject(error)
    }
  }

  function settle(member: Member, answer: unknown, replicas: number): void {
    // what changed nothing has nothing that a replica could lack
    if (String(answer) === '0' || replicas >= wait.replicas) member.resolve(answer)
    else member.reject(tooFew(wait, replicas))
  }

  return {
    run: (run) =>
      new Promise((resolve, reject) => {
        if (count >= MOST) return reject(tooMany())
        count += 1
        const end = (then: () => void): void => {
          if (member.isOver) return
          member.isOver = true
          count -= 1
          clearTimeout(timer)
          then()
        }
        const member: Member = {
          run,
          isOver: false,
          resolve: (answer) => end(() => resolve(answer)),
          reject: (error) => end(() => reject(error)),
        }
        const timer = setTimeout(() => member.reject(tooLong(timeoutMs)), timeoutMs).unref()
        const name = isCluster ? tagOf(run.keys[0]!) : ''
        const queue = queues.get(name)
        if (queue) return void queue.members.push(member)
        const begun = { members: [member], moves: 0 }
        queues.set(name, begun)
        void pump(name, begun)
      }),
  }
}

function tooMany(): PairError {
  return new PairError('store_busy', {
    reason: `${MOST} calls wait for replicas; this one was not sent`,
  })
}

function tooFew({ replicas, timeoutMs }: Wait, acknowledged: number): PairError {
  return new PairError('store_unavailable', {
    hint: 'Look at the replicas: INFO replication. Whether it holds is found out at the next call.',
    reason: `${acknowledged} of ${replicas} replicas had it within ${timeoutMs} ms`,
  })
}
