import type { SecretSource } from '../../src/ports/runtime.ts'
import { SECRET } from './server.ts'

/** Secrets that outlive a server and its store, as a folder of files would. */
export interface KeptSecrets extends SecretSource {
  /** What happens once in place of the next call of that name; `after`: it is done first. */
  fail(call: 'getOrCreate' | 'markSpent' | 'isSpent', when?: 'before' | 'after'): void
  spent: Set<string>
}

export function keptSecrets(): KeptSecrets {
  const made = new Map<string, Uint8Array>([['master', new TextEncoder().encode(SECRET)]])
  const spent = new Set<string>()
  let fault: { call: string; when: 'before' | 'after' } | null = null
  async function meet<T>(call: string, go: () => T): Promise<T> {
    const met = fault?.call === call ? fault : null
    if (met) fault = null
    if (met?.when === 'before') throw new Error('EIO')
    const answer = go()
    if (met) throw new Error('EIO')
    return answer
  }
  return {
    spent,
    fail: (call, when = 'before') => void (fault = { call, when }),
    getOrCreate: (name) =>
      meet('getOrCreate', () => {
        const secret = made.get(name) ?? crypto.getRandomValues(new Uint8Array(32))
        made.set(name, secret)
        return secret
      }),
    markSpent: (name) =>
      meet('markSpent', () => {
        const isFirst = !spent.has(name)
        spent.add(name)
        return isFirst
      }),
    isSpent: (name) => meet('isSpent', () => spent.has(name)),
  }
}
