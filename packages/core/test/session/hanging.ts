import { agent } from '../../src/agent.ts'
import type { AdmissionMode } from '../../src/admission/admission.ts'
import type { Transport } from '../../src/http/wire.ts'
import { oauth } from '../../src/oauth.ts'
import type { Store } from '../../src/ports/store.ts'
import { createDeviceKey } from '../kit/device.ts'
import { createServer, type LoggedServer } from '../kit/newcomers.ts'
import { SCREENS } from '../kit/screens.ts'
import { ALL_SCOPES, pairVisitor, type Visitor } from '../kit/visitor.ts'
import { CLIENT } from '../oauth/desk.ts'

/** Does what was made let somebody in? May use it up. */
export type Check = () => Promise<boolean>
/** Makes it; `null`: it was refused. */
export type Mint = () => Promise<Check | null>

/** What hangs on a session. */
export interface Kind {
  name: string
  /** How newcomers may enter while it is made. Default `code`. */
  mode?: AdmissionMode
  /** Of the session that it hangs on; `bearer` has no key. Default `cookie`. */
  transport?: Transport
  /** Makes what it needs, and answers what makes it. */
  prepare(server: LoggedServer, by: Visitor): Promise<Mint>
}

/** An instance with all that can be made. */
export function openWorld(store: Store): LoggedServer {
  const extensions = [agent(), oauth({ clients: [CLIENT] })]
  return createServer({ store, extensions, resources: SCREENS as never, keyless: 'full' })
}

/** Somebody who may do everything. */
async function pairAll(server: LoggedServer, transport?: Transport): Promise<Visitor> {
  return pairVisitor(server, {
    key: transport === 'bearer' ? null : await createDeviceKey(),
    ...(transport && { transport }),
    code: { scopes: [...ALL_SCOPES, 'screen:control'] as never },
  })
}

/** How a session ends, told to that instance; `another` stays, where it can. */
export const ENDS: Readonly<
  Record<string, (by: LoggedServer, whose: Visitor, another: Visitor) => Promise<unknown>>
> = {
  logout: async ({ pair }, whose) =>
    pair.handler(await whose.request('POST', '/auth/logout', { proof: true })),
  'the revoke of its session': ({ pair }, { session }) => pair.sessions.revoke(session.id),
  'the revoke of its device': ({ pair }, { session }) => pair.devices.revoke(session.device.id),
  'revoke-others': ({ pair }, _, { session }) => pair.sessions.revokeOthers(session.id),
  'revoke-all': ({ pair }) => pair.sessions.revokeAll(),
}

/** Somebody who can make one of a kind, and somebody else. */
export interface Scene {
  whose: Visitor
  another: Visitor
  mint: Mint
}

export async function setScene(server: LoggedServer, kind: Kind): Promise<Scene> {
  await server.pair.admission.set('code')
  const another = await pairAll(server)
  const whose = await pairAll(server, kind.transport)
  await server.pair.admission.set(kind.mode ?? 'code')
  return { whose, another, mint: await kind.prepare(server, whose) }
}
