import type { AuthorizedAnswer } from '@pair/core'
import { LONE_SURROGATE } from './canonical-json.ts'
import { PairClientError, toClientError } from './client-error.ts'
import { canSign, type DeviceKeys } from './device-key.ts'
import type { KeyStore } from './key-store.ts'
import { type LinkSecrets, parseCode } from './link-code.ts'
import { askByKey, confirm, type DeviceFacts, enter, type EntryAnswer } from './redeem.ts'
import type { Credentials, Requests } from './requests.ts'
import type { PairSnapshot } from './snapshot.ts'
import { type Standing, statusOf } from './standing.ts'
import { createWaiting, type Waiting } from './waiting.ts'

export interface EntryPorts {
  requests: Requests
  keys: DeviceKeys
  store: KeyStore
  credentials: Credentials
  standing: Standing
  device: DeviceFacts
  /** Tells the other tabs that this one signed in or out, or waits to be let in. */
  announce(): void
}

/** What a device asks for that wants to be let in. */
export interface Wish {
  /** Default: the app's scopes. */
  scopes?: string[]
}

/** The ways in, and back. */
export interface Ways {
  /**
   * Pairs with a typed code or a pasted link, or with the code of the link that led here. Call it when the person
   * clicked. Where a person has to decide as well, the answer is `pending`, and the client goes on waiting by itself.
   * Calls made meanwhile get the same answer, as with `request` and `claimOwner`.
   *
   * @throws PairClientError also told by the snapshot's `problem`
   */
  redeem(code?: string): Promise<PairSnapshot>
  /**
   * Asks to be let in without a code: `pending`, or `paired` at once where the server knows this device. Where there is a
   * session already it asks for more: the snapshot stays `paired`, and the wider session comes when it is granted.
   *
   * @throws PairClientError also told by the snapshot's `problem`
   */
  request(wish?: Wish): Promise<PairSnapshot>
  /**
   * Makes this device the first owner's, with the typed secret or pasted link, or with that of the link that led here.
   *
   * @throws PairClientError also told by the snapshot's `problem`
   */
  claimOwner(secret?: string): Promise<PairSnapshot>
  /**
   * Takes the request back that waits.
   *
   * @throws PairClientError where it was decided meanwhile, or the server can't be told: it goes on waiting
   */
  withdraw(): Promise<PairSnapshot>
}

/** How this device gets in: at once, or once a person has decided. */
export interface EntryFlow {
  readonly waiting: Waiting
  /** What is on its way to the server. */
  entering(): Promise<unknown> | undefined
  readonly ways: Ways
  adopt(answer: AuthorizedAnswer): void
}

/** What this device shows to be let in. */
interface Shown {
  code?: string
  secret?: string
  scopes?: string[]
}

const SPENT = ['code_invalid', 'code_malformed']

/** `check`: asks the server anew how this device stands. */
export function createEntryFlow(ports: EntryPorts, check: () => Promise<void>): EntryFlow {
  const { requests, keys, credentials, standing, device } = ports
  let entering: Promise<PairSnapshot> | undefined

  const waiting = createWaiting({
    requests,
    store: ports.store,
    standing,
    async onSession(answer) {
      standing.turn++
      await arrive(answer).then(ports.announce, stay)
    },
    async onEnd(problem) {
      // this page is asking anew, which voids the claim of before: what comes of that will be told
      if (entering) return
      standing.turn++
      if (problem.code === 'approval_collected') {
        // by another tab, or the answer was lost: the key finds its session
        await keys.mark(true)
        return await check()
      }
      // a rejection burns the code that the request came with
      if (problem.code === 'approval_rejected') standing.link = {}
      stay(problem)
    },
  })

  /** A try to get in that failed, or waits, takes nothing away that was there. */
  function stay(problem?: PairClientError): void {
    const { session } = standing.get()
    const why = problem && { problem }
    standing.show(
      session ? { status: 'paired', session, ...why } : { status: statusOf(problem), ...why },
    )
  }

  function adopt({ session, accessToken }: AuthorizedAnswer): void {
    credentials.token = accessToken
    standing.show({ status: 'paired', session })
  }

  /** A session that was given anew: nothing waits any more. */
  async function arrive(answer: AuthorizedAnswer): Promise<void> {
    const mine = standing.turn
    try {
      await confirm(requests, answer)
      // noted before the claim is forgotten: whoever opens this page in between finds one or the other
      if (mine === standing.turn) await keys.mark(true)
    } finally {
      await waiting.end()
    }
    if (mine === standing.turn) adopt(answer)
  }

  function secretOf(name: keyof LinkSecrets, given: string | undefined): string {
    const secret = given === undefined ? standing.link[name] : parseCode(given, name)
    if (!secret) throw new PairClientError('code_missing')
    if (LONE_SURROGATE.test(secret)) throw new PairClientError('code_malformed')
    return secret
  }

  /** Where the answer that let this device in may be what was lost: its key finds the session. */
  async function findSession(path: string, error: unknown): Promise<AuthorizedAnswer> {
    const { code } = toClientError(error)
    const mayBeIn = code === 'offline' || (path === '/claim-owner' && code === 'code_invalid')
    // a key that counts as paired is asked for its session by the next look
    if (!mayBeIn || waiting.get() || (await keys.current())?.paired !== false) throw error
    return await askByKey(requests).catch(() => {
      throw error
    })
  }

  /**
   * Asks, and once more where the answer was lost, or the question: whoever redeemed a code is known by his key, and answered again
   * for a minute.
   */
  async function askIn(path: string, shown: Shown): Promise<EntryAnswer> {
    const ask = (): Promise<EntryAnswer> => enter(requests, keys, device, path, shown)
    try {
      return await ask()
    } catch (error) {
      const { code, status } = toClientError(error)
      const isLost = code === 'offline' || (code === 'bad_answer' && status > 499)
      if (path !== '/redeem' || !isLost || !(await keys.current()))
        return await findSession(path, error)
      return await ask().catch((later: unknown) =>
        findSession(path, error).catch(() => {
          throw later
        }),
      )
    }
  }

  function letIn(path: string, show: () => Shown): Promise<PairSnapshot> {
    return (entering ??= letInOnce(path, show).finally(() => (entering = undefined)))
  }

  async function letInOnce(path: string, show: () => Shown): Promise<PairSnapshot> {
    const { session } = standing.get()
    let shown: Shown = {}
    standing.turn++
    standing.show({ status: 'pairing', ...(session && { session }) })
    try {
      shown = show()
      // without a key the server can't tell that it is the same device: it would wait twice
      if (path === '/request' && !canSign()) await waiting.withdraw()
      const answer = await askIn(path, shown)
      if ('claim' in answer) {
        // whatever this key had before, while it waits there is nothing to renew
        if (!session) await keys.mark(false)
        await waiting.begin(answer)
        stay()
      } else await arrive(answer)
    } catch (error) {
      const problem = toClientError(error)
      const ofLink = Object.values(standing.link).includes(shown.code ?? shown.secret)
      if (ofLink && SPENT.includes(problem.code)) standing.link = {}
      stay(problem)
      throw problem
    }
    ports.announce()
    return standing.get()
  }

  return {
    waiting,
    entering: () => entering,
    ways: {
      redeem: (code) => letIn('/redeem', () => ({ code: secretOf('code', code) })),
      request: (wish = {}) => letIn('/request', () => wish),
      claimOwner: (secret) => letIn('/claim-owner', () => ({ secret: secretOf('owner', secret) })),
      async withdraw() {
        await waiting.withdraw()
        if (standing.get().status === 'pending') standing.show({ status: 'unpaired' })
        ports.announce()
        return standing.get()
      },
    },
    adopt,
  }
}
