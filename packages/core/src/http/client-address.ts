import ipaddr from 'ipaddr.js'

/** Which hops of X-Forwarded-For are believed. */
export type ProxyRule =
  | { trust: 'none' }
  | { trust: 'hops'; hops: number }
  | { trust: 'cidrs'; ranges: [ipaddr.IPv4 | ipaddr.IPv6, number][] }

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
  const ranges: [ipaddr.IPv4 | ipaddr.IPv6, number][] = []
  for (const text of option.cidrs) {
    const address = parseAddress(String(text).split('/', 1)[0] ?? '')
    if (!address) return null
    try {
      ranges.push(
        text.includes('/')
          ? ipaddr.parseCIDR(text)
          : [address, address.kind() === 'ipv4' ? 32 : 128],
      )
    } catch {
      return null
    }
  }
  return { trust: 'cidrs', ranges }
}

/**
 * An address in its strict form, IPv4-mapped IPv6 folded, or `null`. `010.0.0.1`, one-part forms, zones and junk are
 * none; a port behind it is dropped.
 */
export function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare =
    /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([0-9.]+):\d{1,5}$/.exec(text)?.[1] ?? text
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare)
  if (bare.includes('%') || !bare.includes(':') || !ipaddr.IPv6.isValid(bare)) return null
  const address = ipaddr.IPv6.parse(bare)
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address
}

/** The address as limits see it: whoever has one of IPv6 has its whole /64. `unknown` where it can't be told. */
export function networkOf(text: string | null): string {
  const address = text === null ? null : parseAddress(text)
  if (address === null) return 'unknown'
  if (!('parts' in address)) return address.toString()
  return `${new ipaddr.IPv6([...address.parts.slice(0, 4), 0, 0, 0, 0]).toString()}/64`
}

export interface Hop {
  /** The client's address; `null` where it can't be told. */
  address: string | null
  /** How many proxies in front were believed: their other headers count too. */
  trusted: number
}

/** Who is behind the declared proxies, counted from the right: what stands further left anybody could have written. */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | null,
  rule: ProxyRule,
): Hop {
  // A link-local peer is named with the interface that it came in by.
  const socket = peer === undefined ? null : parseAddress(peer.replace(/%[^%]*$/, ''))
  const own: Hop = { address: socket?.toString() ?? null, trusted: 0 }
  if (rule.trust === 'none') return own
  const chain = forwardedFor?.split(',').map((part) => parseAddress(part.trim())) ?? []
  if (rule.trust === 'hops') {
    const at = Math.max(0, chain.length - rule.hops)
    return {
      address: chain.length === 0 ? own.address : (chain[at]?.toString() ?? null),
      trusted: rule.hops,
    }
  }
  const believed = (address: ipaddr.IPv4 | ipaddr.IPv6 | null): boolean =>
    address !== null &&
    rule.ranges.some(
      ([range, bits]) => address.kind() === range.kind() && address.match(range, bits),
    )
  let current = socket
  let trusted = 0
  while (believed(current) && trusted < chain.length) {
    trusted++
    current = chain[chain.length - trusted] ?? null
  }
  if (believed(socket) && trusted === 0) trusted = 1
  return { address: current?.toString() ?? null, trusted }
}
