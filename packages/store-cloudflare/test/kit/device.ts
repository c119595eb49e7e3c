import { randomInt } from 'node:crypto'

/** What a redeem or a renewal answers. */
export interface Credential {
  accessToken: string
  refreshToken: string
  session: { id: string }
}

/** Asks the app as one of many devices, each at an address of its own. */
export function ask(origin: string, path: string, init: RequestInit = {}): Promise<Response> {
  const address = `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`
  // a line of its own: one that is kept may be closed at the moment when it is used again
  const headers = { ...init.headers, 'x-from': address, connection: 'close' }
  return fetch(origin + path, { ...init, headers })
}

/** Asks as the operator does. */
export async function operate<T>(origin: string, path: string): Promise<T> {
  const answer = await ask(origin, `/operator/${path}`)
  if (!answer.ok) throw new Error(await answer.text())
  return (await answer.json()) as T
}

/** Sends that body to a route of the app. */
export function post(origin: string, route: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return ask(origin, `/auth/${route}`, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** Brings the code of that link. */
export function redeem(origin: string, link: string, label: string): Promise<Response> {
  const code = new URL(link).hash.replace('#code=', '')
  return post(origin, 'redeem', { code, transport: 'bearer', device: { label, kind: 'app' } })
}

/** The status of the guarded route for that token. */
export async function readNotes(origin: string, token: string): Promise<number> {
  const { status } = await ask(origin, '/notes', { headers: { authorization: `Bearer ${token}` } })
  return status
}
