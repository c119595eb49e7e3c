import ipaddr from 'ipaddr.js'
import type { AddressKeeping } from './audit-options.ts'

/** What is kept of an address; `null`: nothing. What is no address is not kept as one's network. */
export function keptAddress(address: string, keeping: AddressKeeping): string | null {
  if (keeping === 'keep') return address
  return keeping === 'none' ? null : networkOf(address, 48)
}

/** Under what the refusals of an address are counted: whoever has an IPv6 network has all of its addresses. */
export function countedAddress(address: string, keeping: AddressKeeping): string | null {
  return keeping === 'keep' && address.includes(':')
    ? networkOf(address, 64)
    : keptAddress(address, keeping)
}

function networkOf(address: string, ipv6Bits: number): string | null {
  if (!ipaddr.isValid(address)) return null
  const parsed = ipaddr.process(address)
  const bits = parsed.kind() === 'ipv4' ? 24 : ipv6Bits
  const bytes = parsed.toByteArray().map((byte, at) => (at < bits / 8 ? byte : 0))
  return `${ipaddr.fromByteArray(bytes).toString()}/${bits}`
}
