import { PairClientError } from './client-error.ts'

export interface EndpointOptions {
  /** `https://host`, `wss://host/socket`, `host:8080`. */
  baseUrl: string
  /** Where the server mounts its routes. Default `/auth`. */
  basePath?: string | undefined
  /**
   * The path below which the whole app is served: `/app`. Default: the path of an http(s) `baseUrl`; none for ws(s),
   * whose path is that of a socket.
   */
  subPath?: string | undefined
}

export interface Endpoints {
  /** `https://host` */
  readonly origin: string
  /** What relative addresses are resolved against: `https://host/app/`. */
  readonly base: string
  /** Where the routes of pairing are: `https://host/app/auth`. */
  readonly auth: string
}

const SCHEMES: Record<string, string> = { http: 'http', https: 'https', ws: 'http', wss: 'https' }
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/i

/**
 * Where a server is, from whatever a person or a socket calls it.
 *
 * @throws PairClientError `config_invalid`
 * @example
 * endpoints({ baseUrl: 'wss://home.example/live?x=1' }).auth // https://home.example/auth
 */
export function endpoints(options: EndpointOptions): Endpoints {
  const { baseUrl, basePath = '/auth', subPath } = options
  const [, scheme, rest = ''] =
    /^(?:(?:([a-z][a-z\d+.-]*):)?\/\/)?(.*)$/is.exec(baseUrl.trim()) ?? []
  const url = parse(scheme, rest)
  const isSocket = /^ws/i.test(scheme ?? '')
  const prefix = clean(subPath ?? (isSocket ? '' : url.pathname))
  const home = url.origin + prefix
  return { origin: url.origin, base: `${home}/`, auth: home + clean(basePath) }
}

function parse(scheme: string | undefined, rest: string): URL {
  try {
    if (!scheme) return bare(rest)
    const web = SCHEMES[scheme.toLowerCase()]
    if (web) return whole(`${web}://${rest}`)
  } catch {
    // the reason would repeat the address, which may hold a secret
  }
  throw new PairClientError('config_invalid')
}

/** A name without a scheme: https, but on this very machine, where hardly anyone has a certificate. */
function bare(rest: string): URL {
  const url = whole(`https://${rest}`)
  return LOOPBACK.test(url.hostname) ? whole(`http://${rest}`) : url
}

function whole(text: string): URL {
  const url = new URL(text)
  if (url.username || url.password || !url.hostname) throw new TypeError()
  return url
}

/** `/a/b` or nothing. */
function clean(path: string): string {
  const parts = path.split(/[?#]/, 1)[0]!.split('/')
  return parts.map((part) => part && `/${part}`).join('')
}

/**
 * The address of a request. Relative ones belong to the app's base.
 *
 * @throws PairClientError `foreign_origin`: proofs and tokens go to their own server only
 */
export function resolve(at: Endpoints, address: string | URL): URL {
  const text = String(address).replace(/^ws(s?):/i, 'http$1:')
  const url = URL.canParse(text, at.base) ? new URL(text, at.base) : undefined
  if (url?.origin !== at.origin) throw new PairClientError('foreign_origin')
  return url
}
