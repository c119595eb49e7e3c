import { entryByCode, refuseEntry } from '../admission/admission.ts'
import { newcomerFrom, OPERATOR } from '../audit/event.ts'
import { supportLookup, type HandedCode } from '../bootstrap/code-crypto.ts'
import { viewCode, type Code } from '../bootstrap/code.ts'
import type { CodeTry } from '../bootstrap/code-records.ts'
import { drawTypedCode, parseCode } from '../bootstrap/typed-code.ts'
import { PairError } from '../errors.ts'
import { isAgentName, newId } from '../ids.ts'
import { limitedOf } from '../limit/limit-refusal.ts'
import type { Subject } from '../limit/limits.ts'
import type { ServicePorts } from '../service-ports.ts'
import { actingRefusal } from '../session/refusal.ts'
import { decide, type Plan } from '../storage/decide.ts'
import { checkOf } from '../storage/space.ts'
import type { Judged } from '../limit/attempt-records.ts'
import { drawAgentKey } from './agent-key-text.ts'
import { agentMintFacts, viewAgentKey, type AgentKey } from './agent-key.ts'
import type { AgentMeans } from './agent-key-records.ts'
import type { IssuedAgentKey, IssuedSupportCode, SupportCodes } from './agent-keys.ts'
import { refusalOfRequest, termsOfSupport } from './agent-request.ts'

/** An agent that comes with a support code. */
export interface AgentArrival extends Subject {
  agent: string
  address: string | null
}

export interface BindService {
  /**
   * Counts a support code that was handed in as a guess. `agent` is looked at before.
   *
   * @throws PairError `code_malformed`, `invalid_request`, `admission_refused`, `admission_unknown`, `rate_limited`,
   * `locked_out`, `codes_suspended`, `clock_skew`, `store_unavailable`
   */
  beginBind(by: AgentArrival, code: string): Promise<CodeTry>
  /**
   * Gives an agent its first key, which is bound to it. Whoever lost that answer has a key that nobody knows: the operator
   * revokes it and makes another code.
   *
   * @throws PairError `code_invalid`, `agent_taken`, `store_unavailable`, `store_busy`
   */
  bind(by: AgentArrival, tried: CodeTry): Promise<IssuedAgentKey>
}

export function createSupportService(ports: ServicePorts & AgentMeans): SupportCodes & BindService {
  const { space, records, agentKeys, clock, random, settings, prefix } = ports

  return {
    async supportCode(request = {}, by = OPERATOR) {
      await ports.requireSteadyClock()
      const { codePepper } = await ports.keys()
      return decide<IssuedSupportCode>(space, async () => {
        const now = clock()
        const acting = await records.sessions.acting(by, now)
        if (!acting.ok) throw new PairError(...actingRefusal(acting.reason))
        const outcome = termsOfSupport(request, {
          known: settings.scopes,
          held: acting.grant?.scopes ?? settings.scopes,
          longestMs: settings.risk.longestLifeMs,
        })
        if (!outcome.ok) throw new PairError(...refusalOfRequest(outcome))
        const { expiresInMs, ...terms } = outcome.terms
        const epoch = await records.epochs.read()
        if (epoch.id === null)
          throw new PairError('store_unavailable', { reason: 'the epoch can not be read' })
        const typed = drawTypedCode(random, settings.risk.symbols)
        const code: Code = {
          ...terms,
          id: newId('cod', random),
          subject: 'owner',
          data: null,
          uses: 1,
          used: 0,
          holds: [],
          boundThumbprint: null,
          issuer: by.kind === 'session' ? { sessionId: by.sessionId, deviceId: by.deviceId } : null,
          epoch: epoch.id,
          createdAt: now,
          expiresAt: now + expiresInMs,
          life: settings.life,
          state: 'open',
        }
        const { label, scopes, subject, uses, expiresAt } = code
        await ports.askPolicy('issue', { by, label, scopes, subject, uses, expiresAt })
        const parsed = parseCode(typed, settings.risk.symbols)
        if (parsed.form === 'none')
          throw new PairError('internal', { reason: 'a code that we made does not parse' })
        const lookup = records.codes.point(supportLookup(codePepper, parsed), code)
        const room = await records.rooms.enter(code, settings.risk.liveCodes, now)
        const record = records.codes.put(code)
        return {
          answer: { code: viewCode(code, []), typed },
          change: {
            own: record.key,
            checks: [
              ...acting.checks,
              checkOf(epoch),
              ...room.checks,
              ...[record, lookup].map(({ key }) => ({ key, version: null })),
            ],
            writes: [record, lookup, ...room.writes],
            journal: [
              ...room.journal,
              records.audit.append({
                type: 'code.issued',
                at: now,
                actor: by,
                codeId: code.id,
                detail: {
                  for: 'agent',
                  agent: terms.support.agent,
                  label: code.label,
                  scopes: code.scopes,
                  uses: code.uses,
                  expiresAt: code.expiresAt,
                },
              }),
            ],
          },
        }
      })
    },

    async beginBind({ agent, network, folded }, text) {
      const parsed = parseCode(text, settings.risk.symbols)
      if (parsed.form === 'none') throw new PairError('code_malformed')
      if (!isAgentName(agent))
        throw new PairError('invalid_request', {
          message: '`agent` must be 1 to 64 of `A-Z a-z 0-9 . _ -`.',
        })
      const code: HandedCode = parsed
      // Before anything is counted or looked up: by a wrong clock there would be as many guesses once more.
      await ports.requireSteadyClock()
      const admission = await records.admission.read()
      const closed = refuseEntry(admission, entryByCode(admission.mode))
      if (closed) throw new PairError(...closed)
      const of = code.form === 'typed' ? 'typed' : 'unguessable'
      const by = { network, folded }
      const begun = await records.attempts.begin({ as: 'redeem', of, by }, clock())
      if (!begun.ok) throw new PairError(...limitedOf(begun.why, begun.standing, clock()))
      return { attempt: begun.attempt, code }
    },

    async bind({ agent, address }, { attempt, code: handed }) {
      const plan = async (): Promise<Plan<Judged<IssuedAgentKey>>> => {
        const { codePeppers } = await ports.keys()
        const now = clock()
        const [admission, id] = await Promise.all([
          records.admission.read(),
          records.codes.find(
            attempt,
            codePeppers.map((pepper) => supportLookup(pepper, handed)),
          ),
        ])
        const closed = refuseEntry(admission, entryByCode(admission.mode))
        if (closed) throw new PairError(...closed)
        const { usable, checks, epoch } = await records.codes.standpoint(id, now)
        const refuse = (reason: string): PairError =>
          new PairError('code_invalid', { reason: `the code is ${reason}` })
        if (!usable.ok) throw refuse(usable.reason)
        const { code } = usable
        if (code.support === undefined) throw refuse('no support code')
        if (code.support.agent !== null && code.support.agent !== agent)
          throw refuse('for another agent')
        if (epoch.id === null) throw refuse('of an epoch that can not be read')
        const roll = await agentKeys.live(agent, now)
        // Where it can't be read who has a key, somebody may have.
        if (roll.keys.length > 0 || roll.slot.state === 'corrupt')
          throw new PairError('agent_taken', { reason: `${agent} has a key` })
        const { text, hash } = drawAgentKey(prefix, random)
        const { keyMs } = code.support
        const key: AgentKey = {
          id: newId('agk', random),
          agent,
          label: code.label,
          scopes: code.scopes,
          hash,
          issuer: code.issuer,
          codeId: code.id,
          predecessor: null,
          epoch: epoch.id,
          createdAt: now,
          expiresAt: keyMs === null ? null : now + keyMs,
          state: 'live',
        }
        await ports.askPolicy('mint', agentMintFacts(key))
        const made = agentKeys.mint(key, roll)
        const used = records.codes.put({
          ...code,
          used: 1,
          state: 'bound',
          boundAt: now,
          agentKeyId: key.id,
        })
        return {
          answer: { answer: { agentKey: viewAgentKey(key, null), key: text }, minted: true },
          change: {
            ...made,
            checks: [checkOf(admission), ...checks, ...made.checks],
            writes: [...records.admission.settle(admission), used, ...made.writes],
            journal: [
              records.audit.append({
                type: 'agent_key.bound',
                at: now,
                actor: newcomerFrom(address),
                agentKeyId: key.id,
                codeId: code.id,
                detail: { agent, label: key.label, scopes: key.scopes },
              }),
            ],
          },
        }
      }
      return records.attempts.judge(attempt, clock, () => decide(space, plan))
    },
  }
}
