import {
  clientAddress,
  networkOf,
  parseAddress,
  parseProxy,
} from '../../../src/http/client-address.ts'
import { isLoopbackName, readFacts } from '../../../src/http/request-facts.ts'
import { fill, nullOr, type TextParser } from '../parser.ts'
import { headersOf, settingsFor } from './headers.ts'

const REQUESTS = [
  'localhost:3000|1.2.3.4, ::1|https|10.0.0.1|http://localhost:3000|same-origin',
  'home.example||http|fe80::1%eth0|https://home.example|none',
  '[::1]:3000|[2001:db8::1]:80|https,http|::ffff:10.0.0.1|null|cross-site',
  'lab.lan|unknown|https|10.0.0.9|https://app.example|',
]
const REQUEST_WORDS = [
  '|',
  '||',
  ',',
  ', ',
  ':',
  '[::1]',
  '127.0.0.1',
  '010.0.0.1',
  '::ffff:1.2.3.4',
  '%eth0',
  '.',
  'localhost',
  '.localhost',
  ':3000',
  ':99999',
  'https',
  'http://',
  '@',
  '/',
  'null',
  '2001:db8::',
]
const longRequest = (length: number): string[] => [
  `${fill('a.', length)}|1.2.3.4|https`,
  `${fill('127.', length)}|1.2.3.4|https`,
  `localhost|${fill(',', length)}|${fill(',', length)}|10.0.0.1`,
  `localhost|${fill('10.0.0.1,', length)}|https|10.0.0.1`,
  `localhost||${fill(' ', length)}|${fill('%', length)}`,
  `localhost|||10.0.0.1|${fill('http://a', length)}|${fill('//', length)}`,
]
const ADDRESSES = {
  valid: [
    '1.2.3.4',
    '::1',
    '2001:db8::a:0',
    '::ffff:1.2.3.4',
    '[::1]:80',
    '1.2.3.4:80',
    'fe80::1%eth0',
  ],
  words: [
    '1',
    '255',
    '256',
    '01',
    '.',
    ':',
    '::',
    'ffff',
    '%',
    'eth0',
    '[',
    ']',
    ':80',
    '0x1',
    ' ',
    '\uff11',
  ],
  long: (length: number): string[] => [
    fill('1.', length),
    fill('1', length),
    fill(':', length),
    fill('1:', length),
    fill('::1', length),
    `[${fill('1', length)}]:${fill('1', length)}`,
    `[${fill('[', length)}`,
    `::${fill('0', length)}`,
    `::1%${fill('a', length)}`,
    fill('%', length),
    `1.2.3.${fill('4', length)}`,
    fill('a:', length),
    fill('1.1.1.1:', length),
  ],
}
const RULES = [undefined, { hops: 2 }, { cidrs: ['10.0.0.0/8', '::1', 'fd00::/8'] }].map((proxy) =>
  parseProxy(proxy)!,
)
const isNormal = (text: string): boolean => /^(?:[\d.]{7,15}|[\da-f:]{2,39})$/.test(text)

/** What reads where a request came from and to. */
export const addresses: readonly TextParser[] = [
  {
    name: 'readFacts',
    file: 'http/request-facts.ts',
    valid: REQUESTS,
    words: REQUEST_WORDS,
    take(text) {
      const [host, forwarded, proto, peer, path] = text.split('|')
      const request = {
        url: `http://localhost:3000/${path ?? ''}`,
        method: 'POST',
        headers: headersOf({
          host,
          'x-forwarded-for': forwarded,
          'x-forwarded-proto': proto,
        }),
      } as unknown as Request
      const info = peer === undefined ? {} : { remoteAddress: peer }
      const facts = readFacts(request, info, settingsFor(text))
      const { hostname, address, scheme, origin, network } = facts
      const isWhole = (facts.host === null) === (hostname === null) && network.length <= 64
      if (!isWhole || !URL.canParse(origin) || !/^https?$/.test(scheme)) return 'broken'
      if (address !== null && !isNormal(address)) return 'broken'
      return facts.host === null ? 'refused' : 'taken'
    },
    long: longRequest,
  },
  {
    name: 'isLoopbackName',
    file: 'http/request-facts.ts',
    valid: ['localhost', 'a.localhost', '127.0.0.1', '[::1]'],
    words: ['localhost', '.', '127', '0', '[::1]', '1', '\n'],
    take: (text) => (isLoopbackName(text) ? 'taken' : 'refused'),
    long: (length) => [fill('a.', length), fill('.localhost', length), fill('127.', length)],
  },
  {
    name: 'parseAddress',
    file: 'http/client-address.ts',
    ...ADDRESSES,
    take: (text) =>
      nullOr(parseAddress(text), (address) => address.toByteArray().length % 12 === 4),
  },
  {
    name: 'networkOf',
    file: 'http/client-address.ts',
    ...ADDRESSES,
    take(text) {
      const network = networkOf(text)
      if (network === 'unknown') return 'refused'
      return /^(?:[\d.]{7,15}|[\da-f:]{2,39}\/64)$/.test(network) ? 'taken' : 'broken'
    },
  },
  {
    name: 'clientAddress',
    file: 'http/client-address.ts',
    valid: ['10.0.0.1|1.2.3.4, 10.0.0.2', '::1|unknown, 5.6.7.8', 'fe80::1%eth0|', '10.0.0.1'],
    words: [...ADDRESSES.words, '|', ',', ', ', '10.0.0.1', 'unknown'],
    take(text) {
      const [peer, list = null] = text.split('|')
      const { address, trusted } = clientAddress(peer, list, RULES[text.length % RULES.length]!)
      if (!Number.isInteger(trusted) || trusted < 0) return 'broken'
      return nullOr(address, isNormal)
    },
    long: (length) => [
      `10.0.0.1|${fill(',', length)}`,
      `10.0.0.1|${fill('10.0.0.1,', length)}`,
      `10.0.0.1|${fill(' ', length)}`,
      `${fill('%', length)}|1.2.3.4`,
      `${fill('::%', length)}|1.2.3.4`,
    ],
  },
]
