import { PairError } from '@pair/core'
import type { Calls } from './calls.ts'

/** One server's own words, as INFO gives them. */
type Facts = Readonly<Record<string, string>>

/** What may be lost on a server that acknowledged it; empty where nothing is, or where it does not say. */
export function toDangers(info: string, appendfsync: string | null): string[] {
  const facts = toFacts(info)
  const dangers: string[] = []
  const policy = facts['maxmemory_policy']
  if (policy !== undefined && policy !== 'noeviction' && facts['maxmemory'] !== '0')
    dangers.push(
      `it evicts keys when its memory is full (maxmemory-policy ${policy}): limits begin anew and marks of what was revoked ` +
        'are lost. CONFIG SET maxmemory-policy noeviction',
    )
  const replicas = Number(facts['connected_slaves'] ?? 0)
  if (facts['aof_enabled'] === '0' && replicas === 0)
    dangers.push(
      'it has no append-only file and no replica: after a restart spent codes are unspent and what was revoked is let in. ' +
        'CONFIG SET appendonly yes',
    )
  if (facts['aof_enabled'] === '1' && appendfsync === 'no' && replicas === 0)
    dangers.push(
      'it leaves it to the system when its append-only file is written: a power cut loses up to half a minute. ' +
        'CONFIG SET appendfsync everysec',
    )
  return dangers
}

function toFacts(info: string): Facts {
  const lines = info.split(/\r?\n/).map((line) => line.split(':', 2))
  return Object.fromEntries(lines.filter((line) => line.length === 2) as [string, string][])
}

/** Asks each server that may be asked; one that refuses to say is not blamed for it. */
export async function findDangers(
  ask: Calls['askPrimaries'],
  askByScript: () => Promise<unknown>,
): Promise<string[]> {
  // rented servers don't tell
  const [told, settings] = await Promise.all([ask(['INFO']), ask(['CONFIG', 'GET', 'appendfsync'])])
  const infos = told?.map(String) ?? [toInfo(await askByScript().catch(() => []))]
  const policies = settings?.map((pair) => toSetting(pair, 'appendfsync')) ?? []
  const dangers = infos.flatMap((info, at) => toDangers(info, policies[at] ?? null))
  return [...new Set(dangers)]
}

function toInfo(sections: unknown): string {
  return Array.isArray(sections) ? sections.map(String).join('\n') : ''
}

/** Drivers answer a list of names and values, an object or a Map. */
function toSetting(pair: unknown, name: string): string | null {
  const value = Array.isArray(pair)
    ? pair[pair.indexOf(name) + 1]
    : pair instanceof Map
      ? pair.get(name)
      : (pair as Record<string, unknown> | null)?.[name]
  return typeof value === 'string' ? value : null
}

export function isUnsafe(dangers: readonly string[]): PairError {
  return new PairError('config_invalid', {
    message: `redisStore: this Redis may lose what it acknowledged: ${dangers.join('; ')}.`,
    hint: "Mend it, or say that you know: redisStore(client, { unsafe: 'allow' })",
  })
}
