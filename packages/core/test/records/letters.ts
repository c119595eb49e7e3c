import { addressOf } from '../kit/races.ts'
import { ORIGIN } from '../kit/server.ts'
import { proofBy, publicPart } from './proofs.ts'
import type { Party, Story } from './story.ts'
import { writeAgentLetters } from './agents.ts'
import { writeDeviceLetters } from './device-grants.ts'
import { writeWaitingLetters } from './waiting-letters.ts'

/** A request that can be sent again and again to servers on copies of one store. */
export interface Letter {
  method: string
  path: string
  headers: Record<string, string>
  body?: string
  /** The address that it comes from; in a story each comes from another, unless it is told. */
  from: string
}

/** Every request that somebody of the story could send at its end, by name. */
export type Letters = Record<string, Letter>

export interface LetterWish {
  /** Whose credentials go along, and who signs where there is a key. */
  party?: Party
  body?: unknown
  /** The proof covers the body. */
  covers?: boolean
  /** What the proof is made beside, if not the access token. */
  token?: string
  /** Only the proof goes along. */
  withoutCredential?: boolean
  /** In place of a body: parameters of an OAuth endpoint. */
  form?: Record<string, string>
  from?: string
  headers?: Record<string, string>
}

/** A request as somebody would send it at that moment, signed by his key. */
export async function letterOf(
  at: number,
  method: string,
  path: string,
  {
    party,
    body,
    covers = false,
    token,
    withoutCredential = false,
    form,
    from = '127.0.0.1',
    ...wish
  }: LetterWish = {},
): Promise<Letter> {
  const headers: Record<string, string> = { ...wish.headers }
  if (party && !withoutCredential) {
    if (party.transport === 'cookie') headers.cookie = party.cookie
    else headers.authorization = `${party.transport === 'dpop' ? 'DPoP' : 'Bearer'} ${party.token}`
  }
  if (party?.key) {
    const own = party.transport === 'dpop' && !withoutCredential ? party.token : undefined
    const htu = ORIGIN + path.split('?', 1)[0]
    const covered = covers ? { body } : {}
    headers.dpop = await proofBy(party.key, {
      htm: method,
      htu,
      at,
      token: token ?? own,
      ...covered,
    })
  }
  const letter = { method, path, headers, from }
  if (form !== undefined) {
    headers['content-type'] = 'application/x-www-form-urlencoded'
    return { ...letter, body: new URLSearchParams(form).toString() }
  }
  if (body === undefined) return letter
  headers['content-type'] = 'application/json'
  return { ...letter, body: JSON.stringify(body) }
}

/** What everybody of a story could ask at its end. */
export async function writeLetters(story: Story): Promise<Letters> {
  const { at, parties, codes, tickets, guest, guesses, lost, spentProof, relayed = {} } = story
  const letters: Letters = {}
  const write = async (
    name: string,
    method: string,
    path: string,
    wish: LetterWish = {},
  ): Promise<void> => {
    const from = addressOf(Object.keys(letters).length)
    letters[name] = await letterOf(at, method, path, { from, ...wish })
  }

  for (const [name, party] of Object.entries(parties)) {
    await write(`session of ${name}`, 'GET', '/auth/session', { party })
    await write(`guard for ${name}`, 'GET', '/app', { party })
    await write(`ticket of ${name}`, 'POST', '/auth/tickets', { party, body: { for: 'socket' } })
    const renewal: LetterWish =
      party.refreshToken !== null
        ? { body: { refreshToken: party.refreshToken } }
        : party.key
          ? { party, withoutCredential: true, body: {} }
          : { party, body: {} }
    await write(`renewal of ${name}`, 'POST', '/auth/renew', renewal)
    await write(`end of ${name}`, 'GET', '/app', { party })
  }
  const device = { label: 'Newcomer', kind: 'app' }
  for (const [name, { typed }] of Object.entries(codes)) {
    await write(`preview of code ${name}`, 'POST', '/auth/codes/preview', { body: { code: typed } })
    await write(`code ${name}`, 'POST', '/auth/redeem', { body: { code: typed, device } })
    await write(`code ${name} again`, 'POST', '/auth/redeem', { body: { code: typed, device } })
  }
  const named = async (name: string, party: Party, code: string): Promise<void> => {
    const publicKey = publicPart(party.key ?? {})
    const body = { code, device: { ...device, publicKey } }
    await write(name, 'POST', '/auth/redeem', {
      party,
      withoutCredential: true,
      covers: true,
      body,
    })
  }
  const owner = parties.owner!
  await named('code bound for its key', { ...owner, key: guest }, codes.bound!.typed)
  await named('code for a key that is known', parties.dpop!, codes.unlimited!.typed)
  await named('code of a lost answer', { ...owner, key: lost.key }, lost.typed)
  for (const [name, from] of Object.entries(guesses)) {
    const code = codes.unlimited!.typed
    await write(`code from where it is ${name}`, 'POST', '/auth/redeem', {
      from,
      body: { code, device },
    })
    await write(`preview from where it is ${name}`, 'POST', '/auth/codes/preview', {
      from,
      body: { code },
    })
  }
  const stream = { party: owner, withoutCredential: true, token: tickets.stream! }
  await write('stream ticket', 'GET', `/app?ticket=${tickets.stream}`, stream)
  await write('stream ticket without its key', 'GET', `/app?ticket=${tickets.naked}`)
  await write('used ticket', 'GET', `/app?ticket=${tickets.used}`)
  await write('socket ticket', 'GET', `/live?ticket=${tickets.socket}`, {
    ...stream,
    token: tickets.socket!,
  })
  await write('socket ticket of bearer', 'GET', `/live?ticket=${tickets.bearer}`)
  await write('snapshot', 'GET', '/auth/access', { party: owner })
  await write('issue', 'POST', '/auth/codes', { party: owner, body: {} })
  for (const [name, request] of Object.entries(relayed))
    await write(`relayed request, ${name}`, 'POST', '/auth/relay/mint', { body: { request } })
  await writeWaitingLetters(story, write)
  if (story.agents) await writeAgentLetters(story.agents, write)
  if (story.granted && owner) await writeDeviceLetters(story.granted, owner, write)
  letters['spent proof'] = {
    method: 'GET',
    path: '/auth/session',
    headers: { cookie: owner.cookie, dpop: spentProof },
    from: addressOf(Object.keys(letters).length),
  }
  return letters
}

/** The request itself, fresh: it can be sent once. */
export function toRequest({ method, path, headers, body }: Letter): Request {
  return new Request(ORIGIN + path, { method, headers, ...(body === undefined ? {} : { body }) })
}
