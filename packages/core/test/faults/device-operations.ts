import type { JWK } from 'jose'
import type { Pair } from '../../src/pair.ts'
import { letterOf, toRequest, type LetterWish } from '../records/letters.ts'
import { createKeptKey } from '../records/proofs.ts'
import type { Story } from '../records/story.ts'
import type { OperationMakers, Rest } from './makers.ts'
import { letsIn, standing, type Outcome, type Stage } from './stage.ts'
import type { Held } from './waiting-invariants.ts'
import { nobodyNew, standsBy, stateOf, turned, waitingIn, type Gave } from './truths.ts'

const CLIENT = 'notes-cli'
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

interface Shown {
  device_code: string
  user_code: string
}

interface Token {
  access_token: string
  token_type: string
  refresh_token: string
}

/** What an OAuth endpoint tells. That somebody has to wait is what it says where nothing fails. */
async function outcomeOfForm(answer: Response): Promise<Outcome> {
  const text = await answer.text()
  const { error, ...body } = JSON.parse(text) as { error?: string }
  if (error === undefined && answer.status === 200)
    return { ok: true, gave: { headers: answer.headers, body }, said: text }
  if (error === 'authorization_pending') return { ok: true, gave: null, said: error }
  if (error === undefined || error === 'server_error') throw new Error(`not a refusal: ${text}`)
  return { ok: false, code: error }
}

/** The device grant from the first request to a renewed token, each step with a call that is right in this story. */
export async function deviceOperations(
  { at, parties, granted }: Story,
  { operate, wire, route, call }: OperationMakers,
): Promise<void> {
  const { shown, 'let in': letIn } = granted!
  const owner = parties.owner!
  /** A form as whoever has that key sends it. */
  const formOf = (
    path: string,
    form: Record<string, string>,
    key: JWK | null = null,
  ): ReturnType<typeof letterOf> => {
    const proven: LetterWish = key ? { party: { ...owner, key }, withoutCredential: true } : {}
    return letterOf(at, 'POST', `/auth${path}`, {
      ...proven,
      form: { client_id: CLIENT, ...form },
      from: '198.51.100.77',
    })
  }
  const send = async (pair: Pair, ...asked: Parameters<typeof formOf>): Promise<Outcome> => {
    const letter = await formOf(...asked)
    const info = { remoteAddress: letter.from }
    return outcomeOfForm((await pair.handler(toRequest(letter), info))!)
  }
  const poll = (pair: Pair, deviceCode: string, key: JWK | null = null): Promise<Outcome> =>
    send(pair, '/token', { grant_type: DEVICE_GRANT, device_code: deviceCode }, key)

  /** The device waits, and what it shows leads a person to its request. */
  const waits =
    (key: JWK | null): NonNullable<Rest['isTrue']> =>
    async ({ truth }, { body }: Gave<Shown>) => {
      const typed = await letterOf(at, 'POST', '/auth/device', {
        party: owner,
        body: { userCode: body.user_code },
      })
      const found = await truth.handler(toRequest(typed), { remoteAddress: '127.9.9.7' })
      const told = await poll(truth, body.device_code, key)
      return found?.status === 200 && told.ok && told.said === 'authorization_pending'
    }
  /** Whoever was told that it could not be confirmed is not to wait in somebody's list. */
  const nobodyWaits = async (stage: Stage): Promise<boolean> => {
    const ids = Object.values(stage.story.waiting).map(({ approvalId }) => approvalId)
    const known = [...ids, ...Object.values(granted!).map(({ approvalId }) => approvalId)]
    return (await waitingIn(stage)).every((id) => known.includes(id))
  }
  const tokenHolds: Rest = {
    mints: true,
    isTrue: async (stage, { body }: Gave<Token>) =>
      body.token_type === 'DPoP'
        ? standsBy(stage, body.refresh_token)
        : letsIn(stage.truth, { authorization: `Bearer ${body.access_token}` }),
    isUndone: nobodyNew,
  }

  // asking
  const { jwk } = await createKeptKey()
  for (const key of [null, jwk])
    operate(
      `POST /auth/device_authorization${key ? ' with a key' : ''}`,
      ({ pair }) => send(pair, '/device_authorization', {}, key),
      { ...turned('approval'), isTrue: waits(key), isUndone: nobodyWaits },
    )

  // deciding
  wire('code typed of shown', turned('approval'))
  const verdict = { digest: shown!.digest, userCode: shown!.userCode }
  const isLetIn: Rest = {
    ...turned('approval'),
    isTrue: async (stage) => (await stateOf(stage, shown!.approvalId)) === 'approved',
    isUndone: async (stage) => (await stateOf(stage, shown!.approvalId)) !== 'approved',
  }
  await route('an approval', 'POST', `/approvals/${shown!.approvalId}/approve`, isLetIn, {
    body: verdict,
  })
  call(
    'approvals.approve: a device that shows a code',
    ({ approvals }) => approvals.approve(shown!.approvalId, verdict),
    isLetIn,
  )
  call(
    'approvals.reject: a device that shows a code',
    ({ approvals }) => approvals.reject(shown!.approvalId, { digest: shown!.digest }),
    {
      ...turned('approval'),
      isTrue: async (stage) => {
        const told = await poll(stage.truth, shown!.deviceCode)
        return !told.ok && told.code === 'access_denied'
      },
    },
  )

  // collecting
  wire('poll of shown', turned('approval'), outcomeOfForm)
  wire(
    'poll of let in',
    {
      ...tokenHolds,
      ...turned('approval'),
      // Handed out once: the same device code gets nothing more.
      isTrue: async (stage, gave: never) => {
        const again = await poll(stage.truth, letIn!.deviceCode)
        return !again.ok && again.code === 'invalid_grant' && tokenHolds.isTrue!(stage, gave)
      },
    },
    outcomeOfForm,
  )
  /** Behind the line a device asks, and is let in. */
  const admit = async (stage: Stage, key: JWK | null): Promise<string> => {
    const { truth } = stage
    await truth.admission.set('approval')
    const known = await waitingIn(stage)
    const { body } = gaveOf<Shown>(await send(truth, '/device_authorization', {}, key))
    const { items } = await truth.approvals.list()
    const { id, digest } = items.find(
      (item) => item.state === 'pending' && !known.includes(item.id),
    )!
    await truth.approvals.approve(id, { digest, userCode: body.user_code })
    return body.device_code
  }
  /** What a device has in its hands when it comes. */
  const holding = new WeakMap<Stage, string>()
  operate('POST /auth/token with a key', (stage) => poll(stage.pair, holding.get(stage)!, jwk), {
    ...tokenHolds,
    before: async (stage) => void holding.set(stage, await admit(stage, jwk)),
  })

  // renewing
  const stood = new WeakMap<Stage, string[]>()
  for (const key of [null, jwk])
    operate(
      `POST /auth/token: refresh${key ? ' with a key' : ''}`,
      (stage) =>
        send(
          stage.pair,
          '/token',
          { grant_type: 'refresh_token', refresh_token: holding.get(stage)! },
          key,
        ),
      {
        ...tokenHolds,
        async before(stage) {
          const token = await poll(stage.truth, await admit(stage, key), key)
          holding.set(stage, gaveOf<Token>(token).body.refresh_token)
          stood.set(stage, await standing(stage.truth))
        },
        isUndone: async (stage) =>
          (await standing(stage.truth)).every((id) => stood.get(stage)!.includes(id)),
      },
    )
}

function gaveOf<T>(told: Outcome): Gave<T> {
  if (!told.ok) throw new Error(`refused: ${told.code}`)
  return told.gave as Gave<T>
}

/** What must hold of the codes that devices show; every line is a breach. */
export function deviceBreaches(records: readonly Held[]): string[] {
  const lookups = records.filter(({ word }) => word === 'user-code')
  return records.flatMap(({ word, id, record }) => {
    const shows = record.deviceGrant as { userCode: string } | null | undefined
    if (word !== 'approval' || record.state !== 'pending' || !shows) return []
    const found = lookups.find((each) => each.id === shows.userCode)
    return found?.record.approvalId === id ? [] : ['a device whose code leads to no request']
  })
}
