/**
 * What the journal keeps of addresses. `keep`: all of it; `network`: an IPv4 address by its first 24 bits, an IPv6 address by
 * its first 48; `none`: nothing.
 */
export type AddressKeeping = 'keep' | 'network' | 'none'

export interface AuditOptions {
  /** What the journal keeps of the addresses that changes and refusals came from. Default `keep`. */
  addresses?: AddressKeeping
  /**
   * Whether each sweep seals what the journal holds since the last one, so that `pair.audit.verify()` tells of items that were
   * altered, removed or put in later. Default `false`.
   */
  chain?: boolean
}

/** The options as they were checked, with their defaults. */
export interface AuditSettings {
  addresses: AddressKeeping
  chain: boolean
}
