import { PairClientError, toClientError } from './client-error.ts'
import { canSign } from './device-key.ts'
import { createEntryFlow, type EntryPorts, type Ways } from './entry-flow.ts'
import type { LinkSecrets } from './link-code.ts'
import { askByKey, readSession } from './redeem.ts'
import type { Waiting } from './waiting.ts'

export interface SessionFlow {
  /** Takes over what a link held; it is forgotten once this device is known to be paired. */
  offer(link: LinkSecrets): void
  /** Asks the server how this device stands, and renews by the key where that may help. */
  check(): Promise<void>
  readonly waiting: Waiting
  readonly ways: Ways
  /** Renews what ran out; `false`: there is no session to be had, and the snapshot tells why. */
  recover(): Promise<boolean>
  logout(): Promise<void>
  /** This device's session was ended from here. */
  signedOut(): Promise<void>
}

export function createSessionFlow(ports: EntryPorts): SessionFlow {
  const { requests, keys, credentials, standing } = ports
  const entry = createEntryFlow(ports, check)
  const { adopt, waiting } = entry
  let checking: Promise<void> | undefined
  let askedMeanwhile = false
  let renewing: Promise<void> | undefined
  /** How many sign-outs are under way: what other requests hear of the session's end is then no news. */
  let leaving = 0

  /** The server has no session for this device any more. */
  async function lose(problem: PairClientError): Promise<void> {
    const mine = standing.turn
    credentials.token = undefined
    await keys.mark(false)
    if (mine === standing.turn && leaving === 0) standing.fail(problem)
  }

  async function checkOnce(): Promise<void> {
    const mine = standing.turn
    const key = await keys.reload()
    await waiting.load()
    // what was kept is shown at once
    if (standing.get().status === 'unknown' && waiting.get() && !key?.paired)
      standing.show({ status: 'unpaired' })
    const answer = await readSession(requests).catch(toClientError)
    const failed = answer instanceof PairClientError
    if (!failed) standing.server = answer.server
    if (mine !== standing.turn) return standing.refresh()
    if (failed)
      return standing.show({ status: answer.transient ? 'offline' : 'blocked', problem: answer })
    if (answer.authenticated) {
      const { session } = answer
      const bound = session.device.thumbprint
      if (bound && bound !== key?.thumbprint) return standing.fail(new PairClientError('key_lost'))
      if (bound && !key?.paired) await keys.mark(true)
      if (mine === standing.turn) standing.show({ status: 'paired', session })
      return
    }
    // the key first, also where the session was revoked: another page may have replaced it
    if (key?.paired) return await renew().catch(() => undefined)
    if (answer.reason === 'revoked') return await lose(new PairClientError('session_revoked'))
    if (answer.reason !== 'expired') return standing.show({ status: 'unpaired' })
    // our sessions are bound to a key wherever a page may sign: if there is none, it is what was lost
    standing.fail(new PairClientError(key || !canSign() ? 'session_expired' : 'key_lost'))
  }

  function check(): Promise<void> {
    askedMeanwhile = checking !== undefined
    return (checking ??= checkAll().finally(() => (checking = undefined)))
  }

  /** Again, where someone asked after the question had gone out: its answer may be older than what he knows. */
  async function checkAll(): Promise<void> {
    do {
      askedMeanwhile = false
      await entry.entering()?.catch(() => undefined)
      await checkOnce()
    } while (askedMeanwhile)
  }

  function renew(): Promise<void> {
    return (renewing ??= renewOnce().finally(() => (renewing = undefined)))
  }

  async function renewOnce(): Promise<void> {
    const mine = standing.turn
    try {
      const answer = await askByKey(requests)
      if (mine === standing.turn) adopt(answer)
    } catch (error) {
      const problem = toClientError(error)
      if (mine === standing.turn) {
        if (problem.code.startsWith('session_')) await lose(problem)
        else standing.fail(problem)
      }
      throw problem
    }
  }

  async function leave(end: () => Promise<void>): Promise<void> {
    leaving++
    try {
      standing.turn++
      await end()
      credentials.token = undefined
      await keys.mark(false)
      await waiting.withdraw().catch(() => waiting.end())
    } finally {
      leaving--
      // what was asked while the key still counted as paired is answered of a session that is over
      standing.turn++
    }
    standing.show({ status: 'unpaired' })
    ports.announce()
  }

  return {
    offer(link) {
      if (standing.get().status === 'paired') return
      standing.link = link
      standing.refresh()
    },
    check,
    waiting,
    ways: entry.ways,
    async recover() {
      if ((await keys.current())?.paired) {
        const failure = await renew().catch(toClientError)
        if (failure?.transient) throw failure
        return !failure
      }
      // not believed as it is: the refusal may be of a session that was replaced meanwhile
      if (standing.get().status === 'paired') await check()
      return standing.get().status === 'paired'
    },
    logout: () =>
      leave(async () => {
        await requests.call('POST', '/logout').catch((error: unknown) => {
          // 401: there is no session any more, which is what was asked for
          if (toClientError(error).status !== 401) throw error
        })
      }),
    signedOut: () => leave(async () => undefined),
  }
}
