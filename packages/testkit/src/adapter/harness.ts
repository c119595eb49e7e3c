import type { AgentAuth, AppLimit, AuthResult, Pair, SessionAuth } from '@pair/core'

/** The scopes of the app that the scenario runs against, and of the screens of some cases. */
export type AdapterScope = 'notes:read' | 'notes:write' | 'screen:view' | 'screen:control'

/** What a harness serves. The functions hold the app's behaviour, so that it is the same in every framework. */
export interface AdapterApp {
  pair: Pair<AdapterScope>
  /** A body parser stands before the mount, of the kind that people use, without a limit below 1 MB: of JSON, or of forms. */
  bodyParser: 'none' | 'json' | 'form'
  /** PEM texts: serve https with them. `null`: plain http. */
  tls: { key: string; cert: string } | null
  /** The rule of `/limited`. */
  limit: AppLimit
  /** The JSON of `/open`, `/notes`, `/proved`, `/screens/:id`, `/limited`, `/jobs` and `/anyone`. */
  show(auth: AuthResult): object
  /** What the route and the socket of a screen need; both read its id from the address. */
  screenNeed(id: string): { resource: string; mode: string }
  /** What the route of one agent needs; it reads the name from the address. */
  agentNeed(name: string): { agent: string }
  /** What the socket sends when the app may use it. */
  greet(auth: SessionAuth | AgentAuth): string
  /** What the socket sends back for a frame. Throws for the frame `boom`, as a faulty app would. */
  reply(auth: SessionAuth | AgentAuth, frame: string | Uint8Array | ArrayBuffer): string
}

/**
 * Serves the app of the scenario by an adapter. All its answers are `application/json`:
 *
 * | route        | guard                                      | answers                                     |
 * | ------------ | ------------------------------------------ | ------------------------------------------- |
 * | `* /open`    | optional session                           | `app.show(auth)`                            |
 * | `GET /notes` | session, `{ scopes: ['notes:read'] }`      | `app.show(auth)`                            |
 * | `POST /notes`| session, `{ scopes: ['notes:write'] }`     | the JSON body that came                     |
 * | `GET /proved`| session, `{ proof: 'required' }`           | `app.show(auth)`                            |
 * | `GET /screens/:id` | session, `app.screenNeed(id)`   | `app.show(auth)`                            |
 * | `GET /jobs`  | agent, `{ scopes: ['notes:read'] }`        | `app.show(auth)`                            |
 * | `GET /jobs/:name` | agent, `app.agentNeed(name)`        | `app.show(auth)`                            |
 * | `GET /anyone` | session or agent                         | `app.show(auth)`                            |
 * | `GET /limited` | `app.limit`                             | `app.show({ kind: 'none' })`                |
 * | `GET /boom`  | none                                       | throws                                      |
 * | any other    | none                                       | 404 `{"app":"nothing here"}`                |
 * | what threw   |                                            | 500 `{"app":"failed"}`; 400 where a body was no JSON |
 * | socket `/live` | session, `{ scopes: ['notes:read'] }`    | `app.greet` at open, `app.reply` to frames; errors stay silent |
 * | socket `/screen?id=` | session, `app.screenNeed(id)`      | the same                                    |
 * | socket `/work` | agent                                    | the same                                    |
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import type { AdapterHarness } from '@pair/testkit'
 * const harness: AdapterHarness = {
 *   async start(app) {
 *     const server = createServer(() => void app) // your framework, with your adapter
 *     await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
 *     const address = server.address()
 *     const port = typeof address === 'object' ? address?.port : undefined
 *     return {
 *       origin: `http://127.0.0.1:${port}`,
 *       async close() {
 *         server.closeAllConnections()
 *         server.close()
 *       },
 *     }
 *   },
 * }
 * ```
 */
export interface AdapterHarness {
  /** Serves it on a free port of 127.0.0.1. `origin`: `http://127.0.0.1:<port>`, or https with `app.tls`. */
  start(app: AdapterApp): Promise<{ origin: string; close(): Promise<void> }>
}
