import type { DeviceKind, ResourceTokenAnswer } from '@pair/core'
import { type Access, createAccess } from './access.ts'
import { PairClientError } from './client-error.ts'
import { createDeviceKeys } from './device-key.ts'
import { deviceLabel } from './device-label.ts'
import { type Endpoints, endpoints } from './endpoints.ts'
import type { Ways } from './entry-flow.ts'
import { indexedDbKeyStore } from './indexed-db-key-store.ts'
import { type KeyStore, memoryKeyStore } from './key-store.ts'
import { takeCodeFromPage } from './link-code.ts'
import { type Credentials, createRequests, type Requests } from './requests.ts'
import { createSessionFlow, type SessionFlow } from './session-flow.ts'
import { createSnapshotStore, type PairSnapshot } from './snapshot.ts'
import { openSocket, type SocketOptions } from './socket.ts'
import { createStanding } from './standing.ts'
import { createTabs, type Tabs } from './tabs.ts'

export interface PairClientOptions {
  /** Where the server is: `https://host`, `wss://host/live`, `host:8080`. Default: the origin of this page. */
  baseUrl?: string
  /** Where it mounts its routes. Default `/auth`. */
  basePath?: string
  /** The path below which the whole app is served. Default: the path of an http(s) `baseUrl`. */
  subPath?: string
  /** Default: IndexedDB in a browser, else memory. */
  keyStore?: KeyStore
  fetch?: typeof globalThis.fetch
  WebSocket?: typeof globalThis.WebSocket
  /** How the session travels once paired. Default: `cookie` in a page, else `dpop`. */
  transport?: 'cookie' | 'dpop'
  /** What people call this device. Default: browser and system, `Firefox on Linux`. */
  label?: string
  /** Default: `browser` in a page, else `app`. */
  kind?: DeviceKind
}

/** One server, seen from this device. */
export interface PairClient extends Ways {
  /**
   * Takes the secrets of a link out of the address bar and finds out how this device stands. Spends nothing, and goes on
   * waiting for a request that was made before. May be called again, say by a button "try again".
   */
  start(): Promise<PairSnapshot>
  getSnapshot(): PairSnapshot
  /** Calls the listener when there is a new snapshot, until the returned function is called. */
  subscribe(listener: () => void): () => void
  /**
   * As the platform's fetch, for this server: adds credentials and proofs, renews a session that ran out and sends again
   * once. Relative addresses belong to `baseUrl`. A signed request follows no redirects.
   *
   * @throws PairClientError `offline`, `foreign_origin`, `redirected`
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /**
   * Opens a socket of this server with a fresh ticket; with `{ resource, mode }` one that is for that resource.
   *
   * @throws PairClientError
   */
  openSocket(path: string | URL, options?: string | string[] | SocketOptions): Promise<WebSocket>
  /**
   * A token for one resource in one mode, good for five minutes: `screen:left`, `view`. Send it as
   * `authorization: <tokenType> <resourceToken>`; `fetch` proves it where it is bound to the key of this device.
   *
   * @throws PairClientError `insufficient_scope` where this device may not have that mode
   */
  resourceToken(resource: string, mode: string): Promise<ResourceTokenAnswer>
  readonly access: Access
  /** Ends this device's session. @throws PairClientError where the server can't be told */
  logout(): Promise<void>
  /** Stops listening to tabs and streams; snapshots change no more. */
  close(): void
}

/**
 * A client for one server. Does nothing until it is used.
 *
 * @throws PairClientError `config_invalid`
 * @example
 * const client = createPairClient()
 * await client.start()
 * button.onclick = () => client.redeem().catch(() => {}) // the snapshot tells why
 */
export function createPairClient(options: PairClientOptions = {}): PairClient {
  const isPage = typeof location !== 'undefined'
  const baseUrl =
    options.baseUrl ??
    (isPage && location.protocol.startsWith('http') ? location.origin : undefined)
  const place = baseUrl === undefined ? undefined : endpoints({ ...options, baseUrl })
  // a page that is rendered on a server has no origin; it only needs the first snapshot
  const at = (): Endpoints => {
    if (!place) throw new PairClientError('config_invalid')
    return place
  }
  const name = place?.auth ?? ''
  const inBrowser = typeof indexedDB !== 'undefined'
  const store = options.keyStore ?? (inBrowser ? indexedDbKeyStore(name) : memoryKeyStore())
  const keys = createDeviceKeys(store)
  const credentials: Credentials = { token: undefined, skewMs: 0 }
  const state = createSnapshotStore()
  const standing = createStanding(state)
  const device = {
    label: options.label ?? deviceLabel(),
    kind: options.kind ?? (isPage ? 'browser' : 'app'),
    transport: options.transport ?? (isPage ? 'cookie' : 'dpop'),
  } as const
  let tabs: Tabs | undefined
  let starting: Promise<void> | undefined

  const requests: Requests = createRequests({
    at,
    keys,
    credentials,
    fetch: options.fetch ?? ((...given) => globalThis.fetch(...given)),
    recover: () => flow.recover(),
  })
  const flow: SessionFlow = createSessionFlow({
    requests,
    keys,
    store,
    credentials,
    standing,
    device,
    announce() {
      listen()
      tabs?.announce()
    },
  })
  const access = createAccess({
    requests,
    own: () => [state.get().session?.id, state.get().session?.device.id],
    signedOut: flow.signedOut,
  })

  /** A link that is pasted into a page that is open changes the fragment only. */
  const onHashChange = (): void => {
    const link = takeCodeFromPage()
    if (link) flow.offer(link)
  }
  const onOnline = (): void => {
    if (state.get().problem?.transient) void flow.check()
  }

  function listen(): void {
    if (tabs) return
    tabs = createTabs(name, () => void flow.check())
    globalThis.addEventListener?.('hashchange', onHashChange)
    globalThis.addEventListener?.('online', onOnline)
  }

  return {
    ...flow.ways,
    async start() {
      at()
      onHashChange()
      listen()
      await (starting ??= flow.check().finally(() => (starting = undefined)))
      return state.get()
    },
    getSnapshot: state.get,
    subscribe: state.subscribe,
    fetch: requests.fetch,
    openSocket: (path, wish) =>
      openSocket(
        { at, requests, keys, WebSocket: options.WebSocket, check: flow.check },
        path,
        wish,
      ),
    resourceToken: (resource, mode) =>
      requests.json<ResourceTokenAnswer>('resourceToken', 'POST', '/resource-tokens', {
        body: { resource, mode },
      }),
    access,
    logout: flow.logout,
    close() {
      state.close()
      flow.waiting.close()
      access.close()
      tabs?.close()
      globalThis.removeEventListener?.('hashchange', onHashChange)
      globalThis.removeEventListener?.('online', onOnline)
    },
  }
}
