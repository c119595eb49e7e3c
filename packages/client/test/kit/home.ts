import { afterEach } from 'vitest'
import { createPair, memoryStore, type Need, type Pair, type PairOptions } from '@pair/core'
import {
  createPairClient,
  memoryKeyStore,
  type PairClient,
  type PairClientOptions,
} from '../../src/index.ts'

export const ORIGIN = 'http://localhost:3000'
export const MINUTE = 60_000
export const DAY = 24 * 60 * MINUTE

// who waits to be let in asks on until its page is closed
const opened: PairClient[] = []
afterEach(() => {
  for (const client of opened.splice(0)) client.close()
})

type Scope = 'notes:read' | 'notes:write'
type Middle = (request: Request, next: () => Promise<Response>) => Promise<Response>

/** What the app's routes and sockets need. */
export function needOf(path: string): Need<Scope> {
  if (path === '/careful') return { proof: 'required' }
  const [, id] = /^\/screens\/(.+)$/.exec(path) ?? []
  return id === undefined ? {} : { resource: `screen:${id}`, mode: 'view' }
}

/** One browser profile or process: what it keeps outlives its pages. */
export interface Profile {
  cookies: Map<string, { value: string; until: number }>
  /** Opens a page: a new client with the same cookies and keys. */
  open(options?: PairClientOptions): PairClient
  keyStore: NonNullable<PairClientOptions['keyStore']>
}

/** A real server in this process, with a few routes of an app. */
export interface Home {
  readonly pair: Pair<Scope>
  /** Ends the server and starts it anew on the same store. */
  restart(): Promise<void>
  /** Method and path of each request that came in. */
  log: string[]
  /** Moves the clock of the server. */
  pass(ms: number): void
  /** Stands before the server: may answer itself, fail, or change the answer. */
  between(middle: Middle | undefined): void
  /** A code that gives everything, as the start-up code does; `scopes` for less. */
  code(scopes?: string[]): Promise<{ secret: string; typed: string; link: string }>
  profile(defaults?: PairClientOptions): Profile
}

export function createHome(options: Partial<PairOptions<Scope>> = {}): Home {
  let ahead = 0
  const clock = (): number => Date.now() + ahead
  const settings: PairOptions<Scope> = {
    secret: 'a secret for tests, of 32 bytes or more: 0123456789',
    store: memoryStore({ clock }),
    scopes: ['notes:read', 'notes:write'],
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    clock,
    ...options,
  }
  let pair = createPair(settings)
  const log: string[] = []
  let middle: Middle | undefined

  async function serve(request: Request): Promise<Response> {
    const ours = await pair.handler(request)
    if (ours) return ours
    const { pathname } = new URL(request.url)
    const guarded = await pair.guard(request, undefined, needOf(pathname))
    if (!guarded.ok) return guarded.response
    return new Response(`${pathname} ${await request.text()}`)
  }

  function send(profile: Profile, input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const given = new Request(input, init)
    log.push(`${given.method} ${new URL(given.url).pathname}`)
    const headers = new Headers(given.headers)
    for (const [name, { until }] of profile.cookies)
      if (until <= clock()) profile.cookies.delete(name)
    const cookies = [...profile.cookies].map(([name, { value }]) => `${name}=${value}`)
    // as a page of the same origin sends it
    headers.set('origin', ORIGIN)
    const request = new Request(given, { headers })
    // a browser's Request takes no cookie from a script: this stands for what the browser itself adds
    const seen = new Headers(request.headers)
    if (given.credentials !== 'omit' && cookies.length > 0) seen.set('cookie', cookies.join('; '))
    Object.defineProperty(request, 'headers', { value: seen })
    const next = async (): Promise<Response> => keep(profile, await serve(request))
    return middle ? middle(request, next) : next()
  }

  function keep(profile: Profile, response: Response): Response {
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = '', age] = /^([^=]+)=([^;]*).*Max-Age=(\d+)/.exec(line) ?? []
      if (Number(age) > 0) profile.cookies.set(name, { value, until: clock() + Number(age) * 1000 })
      else profile.cookies.delete(name)
    }
    return response
  }

  return {
    get pair() {
      return pair
    },
    async restart() {
      await pair.close()
      pair = createPair(settings)
    },
    log,
    pass: (ms) => void (ahead += ms),
    between: (next) => void (middle = next),
    async code(scopes = ['access:read', 'access:write', 'notes:read', 'notes:write']) {
      const { link, typed } = await pair.codes.issue({ scopes: scopes as Scope[], origin: ORIGIN })
      return { link, typed, secret: link.split('#code=')[1] ?? '' }
    },
    profile(defaults = {}) {
      const keyStore = memoryKeyStore()
      const profile: Profile = {
        cookies: new Map(),
        keyStore,
        open(more = {}) {
          const client = createPairClient({
            baseUrl: ORIGIN,
            transport: 'cookie',
            keyStore,
            fetch: (input, init) => send(profile, input, init),
            label: 'A test',
            ...defaults,
            ...more,
          })
          opened.push(client)
          return client
        },
      }
      return profile
    },
  }
}

export interface PairedHome {
  home: Home
  profile: Profile
  client: PairClient
}

/** A home, and a device that has just been paired with it. */
export async function pairedHome(defaults: PairClientOptions = {}): Promise<PairedHome> {
  const home = createHome()
  const profile = home.profile(defaults)
  const client = profile.open()
  await client.start()
  await client.redeem((await home.code()).secret)
  return { home, profile, client }
}
