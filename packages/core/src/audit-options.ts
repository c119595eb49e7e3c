import type { AuditOptions, AuditSettings } from './audit/audit-options.ts'
import { invalid } from './invalid-option.ts'

const ADDRESSES = ['keep', 'network', 'none'] as const

/** @throws PairError `config_invalid`, which names the option and the mend */
export function checkAudit(audit: AuditOptions = {}): AuditSettings {
  if (typeof audit !== 'object' || audit === null)
    throw invalid('audit', 'be an object', 'audit: { chain: true }')
  const { addresses = 'keep', chain = false } = audit
  if (!ADDRESSES.includes(addresses))
    throw invalid('audit.addresses', 'be keep, network or none', "addresses: 'network'")
  if (typeof chain !== 'boolean')
    throw invalid('audit.chain', 'be true or false', 'audit: { chain: true }')
  return { addresses, chain }
}
