import { invalid } from './invalid-option.ts'
import { POLICY_HOOKS, type Policy } from './policy/policy.ts'

/** The hooks as they were given. @throws PairError `config_invalid`, which names the hook and the mend */
export function checkPolicy(policy: Policy = {}): Policy {
  const mend = `policy: { admit: (facts) => (isNight() ? 'Nobody comes in at night.' : undefined) }`
  if (typeof policy !== 'object' || policy === null)
    throw invalid('policy', 'be an object of hooks', mend)
  for (const [name, hook] of Object.entries(policy)) {
    // One that is misspelled would never be asked.
    if (!(POLICY_HOOKS as readonly string[]).includes(name))
      throw invalid(`policy.${name}`, `be one of ${POLICY_HOOKS.join(', ')}`, mend)
    if (hook !== undefined && typeof hook !== 'function')
      throw invalid(`policy.${name}`, 'be a function', mend)
  }
  return policy
}
