import type { AdmissionMode } from '../../src/admission/admission.ts'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import { letterOf, toRequest } from '../records/letters.ts'
import { claimant } from '../records/waiting-letters.ts'
import type { Rest } from './makers.ts'
import { letsIn, standing, type Stage } from './stage.ts'

/** A success as it came over the wire. */
export interface Gave<T = never> {
  headers: Headers
  body: T
}

/** Nobody stands who did not stand before. */
export const nobodyNew = async ({ truth, stood }: Stage): Promise<boolean> =>
  (await standing(truth)).every((id) => stood.includes(id))

/** Whoever was given a credential is let in with it. */
export const credentialHolds = async (
  { truth }: Stage,
  { headers, body }: Gave<AuthorizedAnswer>,
): Promise<boolean> => {
  // the cookie that stood for a key is taken away with it
  const set = headers.getSetCookie().find((line) => !line.includes('Max-Age=0'))
  const cookie = set?.split(';', 1)[0]
  if (cookie !== undefined) return letsIn(truth, { cookie })
  if (body.tokenType === 'Bearer') {
    const renewed = await truth.handler(
      toRequest(
        await letterOf(0, 'POST', '/auth/renew', { body: { refreshToken: body.refreshToken } }),
      ),
    )
    return renewed?.status === 200 && letsIn(truth, { authorization: `Bearer ${body.accessToken}` })
  }
  return (await truth.sessions.list()).items.some(({ id }) => id === body.session.id)
}

/** That session stands. */
export const standsBy = async ({ truth }: Stage, sessionId: string): Promise<boolean> =>
  (await standing(truth)).includes(sessionId)

/** Somebody gets in by this code. */
export const codeWorks = async ({ truth }: Stage, typed: string): Promise<boolean> => {
  const letter = await letterOf(0, 'POST', '/auth/redeem', { body: { code: typed } })
  return (await truth.handler(toRequest(letter)))?.status === 200
}

/** Whoever waits by that name gets a session for its claim. */
export const collects = async ({ truth, story }: Stage, name: string): Promise<boolean> => {
  const waiter = story.waiting[name]!
  const { claim } = waiter
  const wish = { ...claimant(waiter), body: { claim } }
  const letter = await letterOf(story.at, 'POST', '/auth/claim', wish)
  return (await truth.handler(toRequest(letter)))?.status === 200
}

/** None of these has a session that stands. */
export const isOut = async ({ truth, story }: Stage, ...names: string[]): Promise<boolean> => {
  const left = await standing(truth)
  return names.every((name) => !left.includes(story.parties[name]!.sessionId))
}

/** How that request stands in truth; `gone`: it is in no list. */
export async function stateOf({ truth }: Stage, approvalId: string): Promise<string> {
  const { items } = await truth.approvals.list()
  return items.find(({ id }) => id === approvalId)?.state ?? 'gone'
}

/** The ids of those who wait to be decided. */
export async function waitingIn({ truth }: Stage): Promise<string[]> {
  const { items } = await truth.approvals.list()
  return items.filter(({ state }) => state === 'pending').map(({ id }) => id)
}

/** Before it: newcomers enter that way. */
export const turned = (mode: AdmissionMode): Required<Pick<Rest, 'before'>> => ({
  before: ({ truth }) => truth.admission.set(mode),
})
