import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Range = [Address, number]

/** Which hops of X-Forwarded-For are believed. */
export type ProxyRule =
  | { trust: 'none' }
  | { trust: 'hops'; hops: number }
  | { trust: 'cidrs'; ranges: Range[] }

/** The checked option, or `null` where it is not usable. */
export function parseProxy(
  option: { hops: number } | { cidrs: readonly string[] } | undefined,
): ProxyRule | null {
  if (option === undefined) return { trust: 'none' }
  if (typeof option !== 'object' || option === null || ('hops' in option && 'cidrs' in option))
    return null
  if ('hops' in option) {
    const { hops } = option
    return Number.isInteger(hops) && hops >= 1 && hops <= 16 ? { trust: 'hops', hops } : null
  }
  if (!Array.isArray(option.cidrs) || option.cidrs.length === 0) return null
  const ranges: Range[] = []
  for (const text of option.cidrs) {
    const range = parseRange(String(text))
    if (!range) return null
    ranges.push(range)
  }
  return { trust: 'cidrs', ranges }
}

/** One address or range. The range of all addresses is none: it would believe whatever anybody writes. */
function parseRange(text: string): Range | null {
  const [bare = '', bits, more] = text.split('/', 3)
  const written = parseBare(bare)
  if (!written || more !== undefined) return null
  const address = unmapped(written)
  const widest = address.kind() === 'ipv4' ? 32 : 128
  if (bits === undefined) return [address, widest]
  // A range of mapped addresses is one of IPv4: peers are folded before they are compared.
  const known = /^[1-9]\d{0,2}$/.test(bits) ? Number(bits) - (address === written ? 0 : 96) : 0
  return known >= 1 && known <= widest ? [address, known] : null
}

const IPV4 = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/

// `[`, 45 characters, `]:65535`
const LONGEST = 54

/**
 * An address in its strict form, IPv4-mapped IPv6 folded, or `null`. `010.0.0.1`, one-part forms, zones and junk are
 * none; a port behind it is dropped.
 */
export function parseAddress(text: string): Address | null {
  if (text.length > LONGEST) return null
  const bare =
    /^\[([^:\]]*:[^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ??
    /^([0-9.]+):\d{1,5}$/.exec(text)?.[1] ??
    text
  const address = parseBare(bare)
  return address && unmapped(address)
}

/** The library takes octal, hex and fewer parts for IPv4, inside of IPv6 too: only what is strict is shown to it. */
function parseBare(text: string): Address | null {
  if (IPV4.test(text)) return ipaddr.IPv4.parse(text)
  if (!/^[0-9A-Fa-f:.]*$/.test(text)) return null
  const tail = text.lastIndexOf(':') + 1
  if (tail === 0) return null
  const groups = text.includes('.') ? toGroups(text.slice(tail)) : text.slice(tail)
  if (groups === null) return null
  try {
    return ipaddr.IPv6.parse(text.slice(0, tail) + groups)
  } catch {
    return null
  }
}

function toGroups(dotted: string): string | null {
  if (!IPV4.test(dotted)) return null
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number)
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

function unmapped(address: Address): Address {
  return 'parts' in address && prefixOf(address) === MAPPED ? toIPv4(address) : address
}

const MAPPED = '0:0:0:0:0:65535'
/** Of RFC 6052: 64:ff9b::/96. */
const NAT64 = '100:65435:0:0:0:0'

/** All groups but the two that may hold IPv4. The library would ask its table of all ranges, for each request. */
function prefixOf({ parts }: ipaddr.IPv6): string {
  return parts.slice(0, 6).join(':')
}

function toIPv4({ parts }: ipaddr.IPv6): ipaddr.IPv4 {
  const [high = 0, low = 0] = parts.slice(6)
  return new ipaddr.IPv4([high >> 8, high & 255, low >> 8, low & 255])
}

/** An address as text in its one normal form, or `null`. */
function normalAddress(text: string): string | null {
  // Nearly every peer is plain IPv4, on a socket for both families in its mapped form.
  const plain = text.startsWith('::ffff:') ? text.slice(7) : text
  return IPV4.test(plain) ? plain : (parseAddress(text)?.toString() ?? null)
}

/**
 * The address as limits see it: whoever has one of IPv6 has its whole network, /64 unless told. `unknown` where it can't
 * be told.
 */
export function networkOf(text: string | null, ipv6Prefix = 64): string {
  if (text === null) return 'unknown'
  if (IPV4.test(text)) return text
  const address = parseAddress(text)
  if (address === null) return 'unknown'
  if (!('parts' in address)) return address.toString()
  // Through NAT64 all of IPv4 would be one /64. 6to4 and Teredo are left as they are: retired (RFC 7526).
  if (prefixOf(address) === NAT64) return toIPv4(address).toString()
  const masked = address.parts.map((part, at) => {
    const bits = Math.min(16, Math.max(0, ipv6Prefix - at * 16))
    return part & (0xffff << (16 - bits)) & 0xffff
  })
  return `${new ipaddr.IPv6(masked).toString()}/${ipv6Prefix}`
}

export interface Hop {
  /** The client's address; `null` where it can't be told. */
  address: string | null
  /** How many proxies in front were believed: their other headers count too. */
  trusted: number
  /** Whether the address is one client's, as far as the rule goes; else declared proxies tell of nobody but themselves. */
  named: boolean
}

/** Who is behind the declared proxies, counted from the right: what stands further left anybody could have written. */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | null,
  rule: ProxyRule,
): Hop {
  // A link-local peer is named with the interface that it came in by.
  const socket = typeof peer !== 'string' ? null : normalAddress(peer.split('%', 1)[0] ?? '')
  if (rule.trust === 'none') return { address: socket, trusted: 0, named: socket !== null }
  // An empty entry is one that names nobody; no header at all has none.
  const chain = forwardedFor === null || forwardedFor.trim() === '' ? [] : forwardedFor.split(',')
  const fromRight = (count: number): string | null =>
    normalAddress(chain[Math.max(0, chain.length - count)]?.trim() ?? '')
  if (rule.trust === 'hops') {
    const { hops } = rule
    const address = chain.length === 0 ? socket : fromRight(hops)
    return { address, trusted: hops, named: address !== null && chain.length >= hops }
  }
  let address = socket
  let trusted = 0
  let believed = isWithin(address, rule.ranges)
  if (!believed) return { address, trusted, named: address !== null }
  while (believed && trusted < chain.length) {
    trusted++
    address = fromRight(trusted)
    believed = isWithin(address, rule.ranges)
  }
  return { address, trusted: Math.max(1, trusted), named: address !== null && !believed }
}

function isWithin(text: string | null, ranges: readonly Range[]): boolean {
  const address = text === null ? null : parseAddress(text)
  return (
    address !== null &&
    ranges.some(([range, bits]) => address.kind() === range.kind() && address.match(range, bits))
  )
}
