import { OPERATOR, SERVER, type Actor } from '../audit/event.ts'
import { PairError } from '../errors.ts'
import { isId, newId, type AgentKeyId } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import { actingRefusal } from '../session/refusal.ts'
import { decide } from '../storage/decide.ts'
import { checkOf, type Change } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import type { AgentMeans } from './agent-key-records.ts'
import { drawAgentKey } from './agent-key-text.ts'
import { agentMintFacts, keepKeyUntil, viewAgentKey, type AgentKey } from './agent-key.ts'
import type { AgentKeyChanges, IssuedAgentKey } from './agent-keys.ts'
import { refusalOfRequest, termsOfKey, termsOfRotation } from './agent-request.ts'

/** How many live keys one agent may have. */
const MOST_KEYS = 20

function requireRoom(others: readonly AgentKeyId[]): void {
  if (others.length < MOST_KEYS) return
  throw new PairError('invalid_request', {
    message: `An agent has ${MOST_KEYS} keys at most.`,
    hint: 'Revoke those that it does not use.',
  })
}

export function createAgentKeysService(ports: ServicePorts & AgentMeans): AgentKeyChanges {
  const { space, records, agentKeys, clock, random, settings, prefix } = ports

  /** Who gives, what he has to give, and what has to hold still meanwhile. */
  async function giver(
    by: Actor,
    now: Millis,
  ): Promise<{ held: readonly string[]; checks: Change['checks'] }> {
    const acting = await records.sessions.acting(by, now)
    if (!acting.ok) throw new PairError(...actingRefusal(acting.reason))
    return { held: acting.grant?.scopes ?? settings.scopes, checks: acting.checks }
  }

  /** Puts the old key back as it was, and ends the new: its rotation was refused and is found done. */
  async function takeBack(old: AgentKeyId, heir: AgentKey): Promise<Change | null> {
    const now = clock()
    const [slot, { marker }] = await Promise.all([
      agentKeys.read(old),
      agentKeys.standpoint(heir.id),
    ])
    const { record } = slot
    const isOurs = record?.state === 'rotated' && record.successor === heir.id
    if (!isOurs || marker.revoked) return null
    const { rotatedAt: _, endsAt: _end, successor: _heir, ...terms } = record
    const mark = records.revocations.mark(
      marker,
      { at: now, reason: 'revoked' },
      keepKeyUntil(heir),
    )
    return {
      checks: [checkOf(slot), ...mark.checks],
      writes: [agentKeys.put({ ...terms, state: 'live' }), ...mark.writes],
      journal: [
        records.audit.append({
          type: 'agent_key.revoked',
          at: now,
          actor: SERVER,
          agentKeyId: heir.id,
          detail: { agent: heir.agent },
        }),
      ],
    }
  }

  return {
    async issue(request, by = OPERATOR) {
      await ports.requireSteadyClock()
      return decide<IssuedAgentKey>(space, async () => {
        const now = clock()
        const { held, checks } = await giver(by, now)
        const outcome = termsOfKey(request, { known: settings.scopes, held }, now)
        if (!outcome.ok) throw new PairError(...refusalOfRequest(outcome))
        const epoch = await records.epochs.read()
        if (epoch.id === null)
          throw new PairError('store_unavailable', { reason: 'the epoch can not be read' })
        const { text, hash } = drawAgentKey(prefix, random)
        const key: AgentKey = {
          ...outcome.terms,
          id: newId('agk', random),
          hash,
          issuer: by.kind === 'session' ? { sessionId: by.sessionId, deviceId: by.deviceId } : null,
          codeId: null,
          predecessor: null,
          epoch: epoch.id,
          createdAt: now,
          state: 'live',
        }
        const roll = await agentKeys.live(key.agent, now)
        requireRoom(roll.keys)
        await ports.askPolicy('mint', agentMintFacts(key))
        const made = agentKeys.mint(key, roll)
        return {
          answer: { agentKey: viewAgentKey(key, null), key: text },
          change: {
            ...made,
            checks: [...checks, checkOf(epoch), ...made.checks],
            journal: [
              records.audit.append({
                type: 'agent_key.issued',
                at: now,
                actor: by,
                agentKeyId: key.id,
                detail: {
                  agent: key.agent,
                  label: key.label,
                  scopes: key.scopes,
                  expiresAt: key.expiresAt,
                },
              }),
            ],
          },
        }
      })
    },

    async list({ after, limit = 100 } = {}) {
      const now = clock()
      const page = await agentKeys.list((after as AgentKeyId | undefined) ?? null, limit)
      const epoch = await records.epochs.read()
      const items = await Promise.all(
        page.groups.map(async ({ slot, revoked }) => {
          if (revoked) return []
          const [{ judge }, seen] = await Promise.all([
            agentKeys.standpoint(slot.record.id, epoch),
            records.presence.read(slot.record.id),
          ])
          const judged = judge(now)
          return judged.ok ? [viewAgentKey(judged.key, seen.record?.lastSeenAt ?? null)] : []
        }),
      )
      return { items: items.flat(), next: page.next }
    },

    async rotate(id, request = {}, by = OPERATOR) {
      if (!isId('agk', id)) throw new PairError('not_found')
      await ports.requireSteadyClock()
      return decide<IssuedAgentKey>(space, async () => {
        const now = clock()
        const { held, checks } = await giver(by, now)
        const standpoint = await agentKeys.standpoint(id)
        const judged = standpoint.judge(now)
        const old = standpoint.slot.record
        if (!judged.ok || old === null) throw new PairError('not_found')
        if (old.state !== 'live') throw new PairError('agent_key_rotated')
        const outcome = termsOfRotation(request, old, now)
        if (!outcome.ok) throw new PairError(...refusalOfRequest(outcome))
        const beyond = judged.key.scopes.filter((scope) => !held.includes(scope))
        // The new text would be in his hands.
        if (beyond.length > 0)
          throw new PairError(...refusalOfRequest({ fault: 'scopes', scopes: beyond }))
        const { text, hash } = drawAgentKey(prefix, random)
        const heir: AgentKey = {
          ...judged.key,
          id: newId('agk', random),
          hash,
          // Who has seen the new text takes it with him when he is sent away.
          issuer:
            by.kind === 'session' ? { sessionId: by.sessionId, deviceId: by.deviceId } : old.issuer,
          predecessor: old.id,
          createdAt: now,
          expiresAt: outcome.terms.expiresAt,
          state: 'live',
        }
        const { endsAt } = outcome.terms
        const roll = await agentKeys.live(old.agent, now)
        requireRoom(roll.keys.filter((each) => each !== old.id))
        await ports.askPolicy('mint', agentMintFacts(heir))
        const made = agentKeys.mint(heir, roll)
        return {
          answer: { agentKey: viewAgentKey(heir, null), key: text },
          change: {
            own: made.own,
            undo: () => takeBack(old.id, heir),
            checks: [...checks, ...standpoint.checks, ...made.checks],
            writes: [
              ...made.writes,
              agentKeys.put({
                ...old,
                state: 'rotated',
                rotatedAt: now,
                endsAt,
                successor: heir.id,
              }),
            ],
            journal: [
              records.audit.append({
                type: 'agent_key.rotated',
                at: now,
                actor: by,
                agentKeyId: heir.id,
                detail: { agent: heir.agent, predecessor: old.id, endsAt },
              }),
            ],
          },
        }
      })
    },

    async revoke(id, by = OPERATOR) {
      if (!isId('agk', id)) throw new PairError('not_found')
      await decide(space, async () => {
        const now = clock()
        const { isOver, slot, marker } = await agentKeys.standpoint(id)
        const key = slot.record
        // One that stands again when the clock is put right has to end too.
        if (key === null || isOver(now)) throw new PairError('not_found')
        const mark = records.revocations.mark(
          marker,
          { at: now, reason: 'revoked' },
          keepKeyUntil(key),
        )
        const event = records.audit.append({
          type: 'agent_key.revoked',
          at: now,
          actor: by,
          agentKeyId: id,
          detail: { agent: key.agent },
        })
        return { answer: undefined, change: { ...mark, journal: [event] } }
      })
    },
  }
}
