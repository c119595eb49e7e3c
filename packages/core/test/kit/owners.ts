import type { IssuedCodeAnswer } from '../../src/http/wire.ts'
import { createKeyed, type Answer, type LoggedServer, type Newcomer } from './newcomers.ts'

/** A paired device with a key that holds these scopes. */
export async function paired(server: LoggedServer, scopes: readonly string[]): Promise<Newcomer> {
  const keyed = await createKeyed(server)
  const { typed } = await server.pair.codes.issue({ scopes: scopes as never })
  const { status, text } = await keyed.redeem(typed)
  if (status !== 200) throw new Error(`not paired: ${text}`)
  return keyed
}

/** All scopes that there are. */
export const OWNER = ['notes:read', 'notes:write', 'access:read', 'access:write']

/** A code that this device issues, or the refusal. */
export async function issue(by: Newcomer, body: unknown = {}): Promise<Answer & IssuedCodeAnswer> {
  const answer = await by.call('/auth/codes', { body })
  return { ...answer, ...answer.as<IssuedCodeAnswer>() }
}

/** The types of all changes, oldest first. */
export async function typesTold({ pair }: LoggedServer): Promise<string[]> {
  return (await pair.audit.read({ limit: 1_000 })).items.map(({ type }) => type)
}
