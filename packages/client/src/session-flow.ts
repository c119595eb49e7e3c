import type { AuthorizedAnswer, ProblemWire, SessionAnswer } from '@pair/core'
import { PairClientError, toClientError } from './client-error.ts'
import { canSign, type DeviceKeys } from './device-key.ts'
import { parseCode } from './link-code.ts'
import { authorize, type DeviceFacts, readSession, submitCode } from './redeem.ts'
import type { Credentials, Requests } from './requests.ts'
import { isBlocking, type Standing } from './standing.ts'

export interface FlowPorts {
  requests: Requests
  keys: DeviceKeys
  credentials: Credentials
  standing: Standing
  device: DeviceFacts
  /** Tells the other tabs that this one signed in or out. */
  announce(): void
}

export interface SessionFlow {
  /** Takes over the code of a link; it is forgotten once this device is known to be paired. */
  offer(code: string): void
  /** Asks the server how this device stands, and renews by the key where that may help. */
  check(): Promise<void>
  redeem(code?: string): Promise<void>
  /** Renews what ran out; `false`: there is no session to be had, and the snapshot tells why. */
  recover(problem: ProblemWire): Promise<boolean>
  logout(): Promise<void>
  /** This device's session was ended from here. */
  signedOut(): Promise<void>
}

const SPENT = ['code_invalid', 'code_malformed']

export function createSessionFlow(ports: FlowPorts): SessionFlow {
  const { requests, keys, credentials, standing, device } = ports
  /** Moves with each sign-in and sign-out, so that the answer to an older question is not believed. */
  let turn = 0
  let checking: Promise<void> | undefined
  let askedMeanwhile = false
  let redeeming: Promise<void> | undefined
  let renewing: Promise<void> | undefined
  /** How many sign-outs are under way: what other requests hear of the session's end is then no news. */
  let leaving = 0

  /** The server has no session for this device any more. */
  async function lose(problem: PairClientError): Promise<void> {
    const mine = turn
    credentials.token = undefined
    await keys.mark(false)
    if (mine === turn && leaving === 0) standing.fail(problem)
  }

  function adopt({ session, accessToken }: AuthorizedAnswer): void {
    credentials.token = accessToken
    standing.keepCode(undefined)
    standing.show({ status: 'paired', session })
  }

  async function checkOnce(): Promise<void> {
    const mine = turn
    await keys.reload()
    const answer = await readSession(requests).catch(toClientError)
    if (mine !== turn) return
    if (answer instanceof PairClientError) {
      const status = answer.transient ? 'offline' : 'blocked'
      standing.show({ status, problem: answer })
    } else {
      standing.keepServer(answer.server)
      await judge(answer)
    }
  }

  async function judge(answer: SessionAnswer): Promise<void> {
    const mine = turn
    const key = await keys.current()
    if (answer.authenticated) {
      const { session } = answer
      const bound = session.device.thumbprint
      if (bound !== null && bound !== key?.thumbprint) {
        return standing.fail(new PairClientError('key_lost'))
      }
      if (bound !== null && !key?.paired) await keys.mark(true)
      if (mine !== turn) return
      standing.keepCode(undefined)
      return standing.show({ status: 'paired', session })
    }
    if (answer.reason === 'revoked') return await lose(new PairClientError('session_revoked'))
    if (key?.paired) return await renew().catch(() => undefined)
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
      await redeeming?.catch(() => undefined)
      await checkOnce()
    } while (askedMeanwhile)
  }

  function renew(): Promise<void> {
    return (renewing ??= renewOnce().finally(() => (renewing = undefined)))
  }

  async function renewOnce(): Promise<void> {
    const mine = turn
    try {
      const answer = await authorize(requests, '/renew', { auth: 'alone', body: {} })
      if (mine === turn) adopt(answer)
    } catch (error) {
      const problem = toClientError(error)
      if (mine === turn) {
        if (problem.code.startsWith('session_')) await lose(problem)
        else standing.fail(problem)
      }
      throw problem
    }
  }

  async function redeemOnce(given: string | undefined): Promise<void> {
    const { session } = standing.get()
    const code = given === undefined ? standing.linkCode() : parseCode(given)
    turn++
    standing.show({ status: 'pairing', ...(session && { session }) })
    try {
      adopt(await submitCode(requests, keys, device, code))
    } catch (error) {
      const problem = toClientError(error)
      if (SPENT.includes(problem.code) && code === standing.linkCode()) standing.keepCode(undefined)
      if (session) standing.show({ status: 'paired', session, problem })
      else standing.show({ status: isBlocking(problem) ? 'blocked' : 'unpaired', problem })
      throw problem
    }
    ports.announce()
  }

  async function leave(end: () => Promise<void>): Promise<void> {
    leaving++
    try {
      turn++
      await end()
      credentials.token = undefined
      await keys.mark(false)
    } finally {
      leaving--
      // what was asked while the key still counted as paired is answered of a session that is over
      turn++
    }
    standing.show({ status: 'unpaired' })
    ports.announce()
  }

  return {
    offer(code) {
      if (standing.get().status === 'paired') return
      standing.keepCode(code)
      standing.showCode()
    },
    check,
    redeem: (code) => (redeeming ??= redeemOnce(code).finally(() => (redeeming = undefined))),
    async recover(problem) {
      const { code } = problem
      if (code !== 'session_revoked' && (await keys.current())?.paired) {
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
