import { readCookie } from '../../../src/http/cookie.ts'
import { readIdempotencyKey } from '../../../src/http/idempotency-key.ts'
import { readCredentials } from '../../../src/http/credentials.ts'
import {
  askingPage,
  checkHost,
  checkOrigin,
  checkUpgradeOrigin,
  isOwnOrigin,
} from '../../../src/http/origin-rules.ts'
import type { RequestFacts } from '../../../src/http/request-facts.ts'
import { checkOptions } from '../../../src/options.ts'
import type { PairOptions } from '../../../src/pair-options.ts'
import type { Settings } from '../../../src/settings.ts'
import { memoryStore } from '../../../src/storage/memory/memory-store.ts'
import { SECRET } from '../../kit/server.ts'
import { fill, nullOr, orRefused, type Taken, type TextParser } from '../parser.ts'
import { TOKEN } from './secrets.ts'

const base = { secret: SECRET, store: memoryStore() }
const options: readonly Partial<PairOptions>[] = [
  {},
  { proxy: { hops: 1 }, allowedHosts: ['lab.lan', '10.0.0.5:8080'] },
  { proxy: { cidrs: ['10.0.0.0/8', '::1'] }, publicUrl: 'https://home.example/app' },
  { allowedOrigins: ['https://app.example'], allowInsecureLan: true, allowedHosts: ['lab.lan'] },
]
const settings: readonly Settings[] = options.map((more) => checkOptions({ ...base, ...more }))
export const settingsFor = (text: string): Settings => settings[text.length % settings.length]!

/** Headers that hold just these; making real ones takes far longer than reading them. */
export function headersOf(pairs: Readonly<Record<string, string | undefined>>): Headers {
  const get = (name: string): string | null => pairs[name] || null
  return { get, has: (name: string) => get(name) !== null } as unknown as Headers
}

const HERE = {
  host: 'localhost:3000',
  hostname: 'localhost',
  scheme: 'http',
  origin: 'http://localhost:3000',
  method: 'POST',
}

/** A request for that host from that page; the parts of the text are divided by `|`. */
function factsOf(text: string): RequestFacts {
  const [host = null, origin, site] = text.split('|')
  return {
    ...HERE,
    request: { headers: headersOf({ origin, 'sec-fetch-site': site }) },
    host,
    hostname: host?.split(':', 1)[0] ?? null,
    scheme: text.length % 3 === 0 ? 'https' : 'http',
  } as unknown as RequestFacts
}

const PAGES = [
  'localhost:3000|http://localhost:3000|same-origin',
  'home.example|https://home.example|none',
  'lab.lan|https://app.example|',
  '10.0.0.5:8080|null|cross-site',
]
const PAGE_WORDS = [
  '|',
  '||',
  ':',
  '[::1]',
  '127.0.0.1',
  'localhost',
  '.localhost',
  ':3000',
  'https://',
  'http://',
  'null',
  'home.example',
  'lab.lan',
  'same-origin',
  'none',
  '/',
  '@',
  ' ',
]
const longPage = (length: number): string[] => [
  fill('a.', length),
  fill('127.', length),
  `localhost|${fill('http://a', length)}|${fill('/', length)}`,
  `|| ${fill('same-origin', length)}`,
]

const passed = (run: () => unknown, ...codes: Parameters<typeof orRefused>[0]): Taken =>
  orRefused(codes, () => {
    run()
    return 'taken'
  })

/** What reads one header of a request, or judges what was read. */
export const headers: readonly TextParser[] = [
  {
    name: 'readCookie',
    file: 'http/cookie.ts',
    valid: [`pair_x=${TOKEN}; a=b`, 'a=b; pair_x="q"', 'pair_x='],
    words: ['pair_x', '=', ';', '; ', 'pair_x=a', 'a=b', '"', ',', ' '],
    take: (text) =>
      orRefused(['duplicate_credentials'], () =>
        nullOr(readCookie(text, 'pair_x'), (value) => text.includes(value)),
      ),
    long: (length) => [
      fill(';', length),
      fill('=', length),
      fill(' ', length),
      fill('a=b; ', length),
      `pair_x=${fill(' ', length)}`,
    ],
  },
  {
    name: 'readCredentials',
    file: 'http/credentials.ts',
    valid: [`Bearer ${TOKEN}`, `DPoP ${TOKEN}|${TOKEN}`, `||pair_x=${TOKEN}`, 'Basic YTpi'],
    words: ['Bearer ', 'dpop ', 'DPoP', ' ', ',', ', ', '|', 'a.b.c', 'pair_x=', ';', '\t', '='],
    take(text) {
      const [authorization, dpop, cookie] = text.split('|')
      return orRefused(['duplicate_credentials'], () => {
        const { presented, proof } = readCredentials(
          headersOf({ authorization, dpop, cookie }),
          'pair_x',
        )
        if (proof?.includes(',')) return 'broken'
        if (presented.by === 'none' || presented.by === 'other') return 'refused'
        return presented.by === 'cookie' || /^[^\s,]+$/.test(presented.token) ? 'taken' : 'broken'
      })
    },
    long: (length) => [
      `Bearer ${fill(' ', length)}`,
      `Bearer ${fill('a', length)},`,
      fill('Bearer ', length),
      fill(', ', length),
      `,${fill(' ', length)}`,
      `Bearer ${fill('a ', length)}`,
      `|${fill('a', length)},`,
      `||${fill('pair_x ', length)}`,
    ],
  },
  {
    name: 'checkHost',
    file: 'http/origin-rules.ts',
    valid: PAGES,
    words: PAGE_WORDS,
    take: (text) =>
      passed(
        () => checkHost(factsOf(text), settingsFor(text)),
        'host_refused',
        'insecure_transport',
      ),
    long: longPage,
  },
  {
    name: 'checkOrigin',
    file: 'http/origin-rules.ts',
    valid: PAGES,
    words: PAGE_WORDS,
    take: (text) => passed(() => checkOrigin(factsOf(text), settingsFor(text)), 'origin_refused'),
    long: longPage,
  },
  {
    name: 'checkUpgradeOrigin',
    file: 'http/origin-rules.ts',
    valid: PAGES,
    words: PAGE_WORDS,
    take: (text) =>
      passed(
        () => checkUpgradeOrigin(factsOf(text), settingsFor(text), 'cookie'),
        'origin_refused',
      ),
    long: longPage,
  },
  {
    name: 'isOwnOrigin',
    file: 'http/origin-rules.ts',
    valid: ['http://localhost:3000', 'https://app.example', 'null', 'https://home.example'],
    words: ['http://', 'localhost', ':3000', 'null', '/', 'https://app.example', '@', ' '],
    take: (text) =>
      isOwnOrigin(text, factsOf('localhost:3000'), settings[3]!) ? 'taken' : 'refused',
    long: (length) => [fill('http://localhost', length)],
  },
  {
    name: 'askingPage',
    file: 'http/origin-rules.ts',
    valid: PAGES,
    words: PAGE_WORDS,
    take: (text) => nullOr(askingPage(factsOf(text)), (page) => typeof page === 'string'),
    long: longPage,
  },
  {
    name: 'readIdempotencyKey',
    file: 'http/idempotency-key.ts',
    valid: ['a'.repeat(22), `"${'Z9._~-'.repeat(8)}"`, 'a'.repeat(128)],
    words: ['"', 'a', 'a'.repeat(22), '~', ',', ' ', '""', ';'],
    take: (text) =>
      orRefused(['invalid_request'], () =>
        nullOr(readIdempotencyKey(headersOf({ 'idempotency-key': text })), (hash) =>
          /^[\w-]{43}$/.test(hash),
        ),
      ),
    long: (length) => [fill('a', length), `"${fill('a', length)}`, fill('"', length)],
  },
]
