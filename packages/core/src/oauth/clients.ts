import { cleanLabel } from '../encoding/text.ts'
import { checkScopeList } from '../grant/scopes.ts'

/** A program that may ask to be let in by the device grant. It has no secret: whoever has the program has all that it knows. */
export interface OAuthClient {
  /** What it sends as `client_id`: 1 to 128 printable ASCII characters without blanks. */
  id: string
  /** What whoever decides is shown as its name, and what its devices are called. At most 80 printable characters. */
  label: string
  /** What it may ask for, and is given where it doesn't say: at least one, each once. Default: the app's scopes. */
  scopes?: readonly string[]
}

const CLIENT_ID = /^[!-~]{1,128}$/

/** What is wrong with that list of clients, as a sentence that goes on from "must"; `null`: nothing. */
export function faultInClients(clients: unknown, scopes: readonly string[]): string | null {
  if (!Array.isArray(clients) || clients.length === 0) return 'name at least one client'
  const ids = new Set<unknown>()
  for (const client of clients as Partial<OAuthClient>[]) {
    if (typeof client !== 'object' || client === null) return 'be a list of clients'
    const { id, label, scopes: own } = client
    if (typeof id !== 'string' || !CLIENT_ID.test(id))
      return 'give each client an `id` of 1 to 128 printable ASCII characters without blanks'
    if (cleanLabel(label) === null)
      return 'give each client a `label` of 1 to 80 printable characters'
    if (own !== undefined && !(Array.isArray(own) && checkScopeList(own, scopes).ok))
      return 'name each of its `scopes` once: those of the app, `access:read` or `access:write`'
    if (ids.has(id)) return 'name each client once'
    ids.add(id)
  }
  return null
}

/** The client of that id as it was registered; `null`: nobody is. */
export function findClient(clients: readonly OAuthClient[], id: string): OAuthClient | null {
  return clients.find((client) => client.id === id) ?? null
}
