import { frozen } from '../encoding/frozen.ts'
import { PairError } from '../errors.ts'
import { isAgentName, type AgentKeyId } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import { PRESENCE_EVERY_MS } from '../session/presence.ts'
import type { NoStanding } from '../session/standing.ts'
import type { FreshCache } from '../storage/fresh-cache.ts'
import { DAY, MINUTE, type Millis } from '../time.ts'
import { hashAgentKey } from './agent-key-text.ts'
import type { AgentMeans } from './agent-key-records.ts'
import type { AgentStanding, AgentVerifier, VerifiedAgent } from './agent.ts'
import { isSharedKey, type SharedKey } from './shared-key.ts'

/** How long a key is known before it is verified once more, whatever happens. */
const AGAIN_MS: Millis = 5 * MINUTE
/** How long it is known when a key was used. */
const KEEP_SEEN_MS: Millis = 400 * DAY
/** How many keys are remembered as seen; beyond it the longest forgotten is written once more. */
const REMEMBERED = 10_000

/** A key that was verified, and when the answer holds. */
export interface KnownAgent {
  verified: Extract<VerifiedAgent, { ok: true }>
  from: Millis
  until: Millis
}

export interface AgentVerifyPorts extends ServicePorts, AgentMeans {
  cache: FreshCache<KnownAgent>
  shared: SharedKey | null
  /** Hears of each agent that comes with the shared key. */
  cameShared(agent: string): void
}

type Stands = Extract<AgentStanding, { ok: true }>

export function createAgentVerifyService(ports: AgentVerifyPorts): AgentVerifier {
  const { space, records, agentKeys, clock, prefix, shared, cache } = ports
  const sights = new Map<AgentKeyId, Millis>()

  function see(id: AgentKeyId): void {
    const now = clock()
    if (Math.abs(now - (sights.get(id) ?? -Infinity)) < PRESENCE_EVERY_MS) return
    sights.delete(id)
    sights.set(id, now)
    if (sights.size > REMEMBERED) sights.delete(sights.keys().next().value as AgentKeyId)
    const writes = [records.presence.put(id, { lastSeenAt: now }, now + KEEP_SEEN_MS)]
    void space.commit({ checks: [], writes, journal: [] }).catch(() => {
      if (sights.get(id) === now) sights.delete(id)
    })
  }

  async function ofKey(
    id: AgentKeyId,
    hash: string | null,
  ): Promise<(Stands & { from: Millis; until: Millis }) | Refused> {
    const { slot, judge, ids } = await agentKeys.standpoint(id)
    if (slot.record === null || (hash !== null && slot.record.hash !== hash))
      return { ok: false, reason: 'invalid', detail: 'there is no such key' }
    const judged = judge(clock())
    if (!judged.ok) {
      const reason = judged.reason === 'expired' ? 'expired' : 'revoked'
      return { ok: false, reason, detail: `the key ${id} is ${judged.reason}` }
    }
    const { key, endsAt, from, until } = judged
    return {
      ok: true,
      // One answer is handed to many requests: what an app does to its own changes no other's.
      agent: frozen({ id: key.agent, keyId: key.id, scopes: key.scopes }),
      expiresAt: endsAt ?? Infinity,
      from,
      until,
      ids,
    }
  }

  /** Who has or had a key of his own needs that. */
  async function ofShared({ scopes, until }: SharedKey, named: string): Promise<Stands | Refused> {
    if (!(clock() < until))
      return { ok: false, reason: 'expired', detail: 'the shared key has ended' }
    const roll = await agentKeys.roll(named)
    if (roll.state !== 'absent' && roll.state !== 'tombstone')
      return { ok: false, reason: 'revoked', detail: `${named} has a key of its own` }
    const agent = frozen({ id: named, keyId: null, scopes })
    return { ok: true, agent, expiresAt: until, ids: [named] }
  }

  function refuse(detail: string, isGuess = false): VerifiedAgent {
    return { ok: false, reason: 'invalid', detail, isGuess }
  }

  async function verifyShared(key: SharedKey, named: string | null): Promise<VerifiedAgent> {
    if (!isAgentName(named)) return refuse('a shared key that names nobody')
    const found = await ofShared(key, named)
    if (!found.ok) return refuse(found.detail)
    ports.cameShared(named)
    const { agent, expiresAt } = found
    return { ok: true, agent, expiresAt }
  }

  /** What is known of that text still. */
  function recall(text: string): KnownAgent | null {
    const known = cache.get(text)
    const now = clock()
    return known && now >= known.from && now < known.until ? known : null
  }

  async function find(text: string): Promise<KnownAgent | VerifiedAgent> {
    const hash = hashAgentKey(prefix, text)
    if (hash === null) return refuse('a key whose checksum does not hold')
    const look = cache.begin()
    try {
      const id = await agentKeys.find(hash)
      if (id === null) return refuse('there is no such key', true)
      const found = await ofKey(id, hash)
      if (!found.ok) return refuse(found.detail, found.reason === 'invalid')
      const { agent, expiresAt, from, until, ids } = found
      const known: KnownAgent = {
        verified: Object.freeze({ ok: true, agent, expiresAt }),
        from,
        until: Math.min(until, clock() + AGAIN_MS),
      }
      cache.keep(look, text, known, ids)
      return known
    } finally {
      cache.end(look)
    }
  }

  return {
    knows: (text) => text.startsWith(`${prefix}_`) || isSharedKey(shared, text),

    async verify(text, named) {
      if (isSharedKey(shared, text)) return verifyShared(shared, named)
      const known = recall(text) ?? (await find(text))
      if (!('verified' in known)) return known
      const { agent } = known.verified
      if (named !== null && named !== agent.id)
        throw new PairError('agent_mismatch', { reason: `the key is of ${agent.id}` })
      if (agent.keyId !== null) see(agent.keyId)
      return known.verified
    },

    async standing({ id, keyId }) {
      if (keyId !== null) {
        const found = await ofKey(keyId, null)
        if (!found.ok) return { ok: false, reason: found.reason }
        // At the end of who issued it is asked anew, as at its own.
        const { agent, until, ids } = found
        return { ok: true, agent, expiresAt: until, ids }
      }
      if (shared === null) return { ok: false, reason: 'revoked' }
      const found = await ofShared(shared, id)
      return found.ok ? found : { ok: false, reason: found.reason }
    },

    seen({ keyId }) {
      if (keyId !== null) see(keyId)
    },
  }
}

interface Refused {
  ok: false
  reason: NoStanding
  detail: string
}
