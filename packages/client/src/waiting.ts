import type { AuthorizedAnswer } from '@pair/core'
import { PairClientError, toClientError } from './client-error.ts'
import type { KeyStore, PendingRequest } from './key-store.ts'
import { backOff, pause } from './pause.ts'
import { ask, type EntryAnswer } from './redeem.ts'
import type { Requests } from './requests.ts'
import type { Standing } from './standing.ts'

export interface WaitingPorts {
  requests: Requests
  store: KeyStore
  standing: Standing
  onSession(answer: AuthorizedAnswer): Promise<void>
  /** It is over without a session for this page. */
  onEnd(problem: PairClientError): Promise<void>
}

/** The one request of this device that a person has yet to decide. */
export interface Waiting {
  get(): PendingRequest | null
  /** Takes up what this or another tab has kept, and asks at once where there was trouble. */
  load(): Promise<void>
  begin(pending: PendingRequest): Promise<void>
  /** Forgets it. */
  end(): Promise<void>
  /** Takes it back. @throws PairClientError where it was decided meanwhile, or the server can't be told: it goes on waiting */
  withdraw(): Promise<void>
  close(): void
}

/** How long the server may hold its answer back, and when none comes any more. */
const WAIT_SECONDS = 25
const PATIENCE_MS = 40_000
/** Whoever asks beside another page of this device is answered at once: not without a pause. */
const PAUSE_MS = 500
/** Whatever the server says: a person waits, and beyond 24 days a timer would fire at once. */
const LONGEST_MS = 60_000

export function createWaiting(ports: WaitingPorts): Waiting {
  const { requests, store, standing } = ports
  let current: PendingRequest | null = null
  let closed = false
  /** Ends the question or the pause that is under way. */
  let stop = new AbortController()

  function set(next: PendingRequest | null): void {
    // a copy: what a store gives back may be the very object that is followed already
    current = closed ? null : next && { ...next }
    standing.approval = current?.approval
    stop.abort()
    if (current) void follow(current)
  }

  /** `problem`: what is in the way of hearing more. */
  function tell(problem?: PairClientError): void {
    if (standing.get().status === 'pending')
      standing.show({ status: 'unpaired', ...(problem && { problem }) })
  }

  async function follow(mine: PendingRequest): Promise<void> {
    for (let failures = 0; current === mine;) {
      const heard = await inTurn(mine, failures).catch(toClientError)
      if (current !== mine) return
      const failed = heard instanceof PairClientError
      if (!failed && !('claim' in heard)) return await ports.onSession(heard)
      if (failed && !heard.transient) return await over(mine, heard)
      failures = failed ? failures + 1 : 0
      tell(failed ? heard : undefined)
      const wait = Math.max(backOff(failures, PAUSE_MS), Number(heard.retryAfter) * 1_000 || 0)
      await pause(Math.min(wait, LONGEST_MS), (stop = new AbortController()).signal)
    }
  }

  /** One page of this device asks at a time. */
  async function inTurn(
    { claim, approval }: PendingRequest,
    failures: number,
  ): Promise<EntryAnswer> {
    const connection = (stop = new AbortController())
    const { signal } = connection
    const end = (): void => connection.abort()
    async function collect(): Promise<EntryAnswer> {
      // after trouble an early answer says that it is over
      const body = { claim, waitSeconds: failures ? 1 : WAIT_SECONDS }
      void pause(PATIENCE_MS, signal).then(end)
      try {
        return await ask(requests, '/claim', { auth: 'alone', body, signal })
      } finally {
        end()
      }
    }
    // pages on plain http have none
    const locks = globalThis.navigator?.locks as LockManager | undefined
    return await (locks ? locks.request(`pair:${approval.id}`, { signal }, collect) : collect())
  }

  async function over(mine: PendingRequest, problem: PairClientError): Promise<void> {
    let next: PendingRequest | null = null
    // other refusals are not about this request: it stays kept, and the next start asks again
    if (problem.code.startsWith('approval_')) {
      await drop(mine)
      next = await kept()
    }
    if (current !== mine) return
    // another tab asked anew, which voids the claim of this one
    set(next?.claim === mine.claim ? null : next)
    if (current) tell()
    else await ports.onEnd(problem)
  }

  // a store that keeps nothing is no reason not to wait: it only does not survive this page
  const kept = (): Promise<PendingRequest | null> => store.loadPending().catch(() => null)

  const drop = ({ claim }: PendingRequest): Promise<void> =>
    store.dropPending(claim).catch(() => undefined)

  async function begin(pending: PendingRequest): Promise<void> {
    await store.keepPending(pending).catch(() => undefined)
    set(pending)
  }

  async function end(): Promise<void> {
    const mine = current
    set(null)
    if (mine) await drop(mine)
  }

  return {
    get: () => current,
    async load() {
      const before = current
      const next = await kept()
      // what was forgotten while it was read stays forgotten
      if (current === before && next && (next.claim !== current?.claim || standing.get().problem))
        set(next)
    },
    begin,
    end,
    async withdraw() {
      const mine = current
      if (!mine) return
      await end()
      try {
        await requests.call('POST', '/withdraw', { auth: 'alone', body: { claim: mine.claim } })
      } catch (error) {
        const problem = toClientError(error)
        // what ran out is as it was meant to be; what was decided is heard by asking on
        if (problem.code === 'approval_expired') return
        await begin(mine)
        throw problem
      }
    },
    close() {
      closed = true
      set(null)
    },
  }
}
