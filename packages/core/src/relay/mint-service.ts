import { entryByCode, refuseEntry } from '../admission/admission.ts'
import { toOpened } from '../approval/approval-crypto.ts'
import { drawOpening } from '../approval/opening.ts'
import { networkOfRelay } from '../approval/queue.ts'
import { newcomerFrom, SERVER, type EventDetail } from '../audit/event.ts'
import { codeLookup } from '../bootstrap/code-crypto.ts'
import { admit, codePurgeAt } from '../bootstrap/code.ts'
import { toBase64Url } from '../encoding/base64url.ts'
import { PairError } from '../errors.ts'
import { isAccessScope } from '../grant/scopes.ts'
import { newId } from '../ids.ts'
import { limitedOf } from '../limit/limit-refusal.ts'
import { newcomerFacts } from '../policy/policy.ts'
import { refusalOf } from '../session/refusal.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide, type Plan } from '../storage/decide.ts'
import { checkOf, type Change, type JournalWrite, type Slot } from '../storage/space.ts'
import { MINUTE, toRfc3339 } from '../time.ts'
import type { Keys } from '../token/keys-crypto.ts'
import { toAnswerClaims, type Way } from './mint-answer.ts'
import { RELAYED_MS } from './mint-request.ts'
import { openMintRequest } from './relay-crypto.ts'
import type { Relay, RelaySettings } from './relay-options.ts'
import { createRelayRecords, type RelayMark } from './relay-records.ts'
import { relayedCode, relayedDetail, relayedWish, type Relayed } from './relayed.ts'
import { createUnanswered } from './unanswered.ts'

export interface MintService {
  /**
   * The signed answer to a mint request: a code for one key, or a request of that key that waits for a person. What may be said
   * once is spent by the commit that makes the way in, and by nothing else: what was refused may be sent again.
   *
   * @throws PairError `relay_refused` for all that does not hold, with the server's `time`; `rate_limited`, `admission_refused`,
   * `admission_unknown`, `insufficient_scope`, `approval_rejected`, `approval_limited`, `policy_refused`, `clock_skew`,
   * `store_unavailable`, `store_busy`
   */
  mint(text: string, address: string | null): Promise<string>
}

/** A way in, and the change without which there is none. */
interface Made {
  way: Way
  change: Change
}

export function createMintService(ports: ServicePorts, settings: RelaySettings): MintService {
  const { space, records, clock, random } = ports
  const { keyless, life, approval: times } = ports.settings
  const marks = createRelayRecords(space)
  const unanswered = createUnanswered()
  const hasAppScopes = ports.settings.scopes.some((scope) => !isAccessScope(scope))

  function refused(reason: string): PairError {
    const members = { time: toRfc3339(clock()) }
    return new PairError('relay_refused', { reason: `relay: ${reason}`, members })
  }

  /** One that can't be read was left by somebody. */
  function isSpent({ state, record }: Slot<RelayMark>): boolean {
    return state === 'corrupt' || (record !== null && !unanswered.has(record.mint))
  }

  async function count({ id }: Relay): Promise<void> {
    const rule = { max: settings.maxPerMinute, windowMs: MINUTE }
    const { ok, standing } = await records.counters.count('relay', id, rule, clock())
    if (!ok) throw new PairError(...limitedOf('rate_limited', standing, clock()))
  }

  /** A code for this key alone. */
  async function issue(
    asked: Relayed,
    keys: Keys,
    address: string | null,
    isDecided: boolean,
  ): Promise<Made> {
    const code = relayedCode(asked, newId('cod', random))
    const { id: codeId, label, scopes, subject, uses, expiresAt } = code
    const by = newcomerFrom(address)
    await ports.askPolicy('issue', { by, label, scopes, subject, uses, expiresAt })
    const secret = toBase64Url(random(16))
    const record = records.codes.put(code)
    const lookup = records.codes.point(codeLookup(keys.codePepper, { form: 'link', secret }), code)
    const tell = (type: 'code.issued' | 'relay.minted', detail: EventDetail): JournalWrite =>
      records.audit.append({ type, at: asked.now, actor: by, codeId, detail })
    const takeBack = async (): Promise<Change | null> => {
      const { usable, marker } = await records.codes.standpoint(codeId, clock())
      if (!('code' in usable)) return null
      const at = clock()
      const mark = records.revocations.mark(marker, { at, reason: 'revoked' }, codePurgeAt(code))
      const told = { type: 'code.revoked', at, actor: SERVER, codeId } as const
      return { ...mark, journal: [records.audit.append(told)] }
    }
    return {
      way: { status: 'authorized', code: secret, codeExpiresAt: expiresAt, isDecided },
      change: {
        own: record.key,
        checks: [record, lookup].map(({ key }) => ({ key, version: null })),
        writes: [record, lookup],
        journal: [
          tell('code.issued', { label, scopes, uses, expiresAt }),
          tell('relay.minted', relayedDetail(asked)),
        ],
        undo: takeBack,
      },
    }
  }

  /** A request like any other, for this key alone. Its network is the relay: all that come by it share its places. */
  async function open(asked: Relayed, keys: Keys, address: string | null): Promise<Made> {
    const { request, relay, thumbprint, epoch, now } = asked
    const wish = relayedWish(asked, address)
    await ports.askPolicy('admit', newcomerFacts('request', wish, { ...wish, approvalId: null }))
    const drawn = drawOpening(true, random)
    const actor = newcomerFrom(address)
    const found = await records.pairings.acquaintance(thumbprint)
    const network = networkOfRelay(relay.id)
    const input = { wish, network, epoch, found, drawn, actor }
    const opened = await records.openings.open(input, times, now)
    if (!opened.ok) throw new PairError(...refusalOf(opened))
    const { collectMs } = times
    const facts = { nonce: request.nonce, now, collectMs }
    const { approval, claim } = await toOpened(keys, opened.approval, drawn, facts)
    const { id, matchCode, expiresAt } = approval
    const told = { type: 'relay.pending', at: now, actor, approvalId: id } as const
    const event = records.audit.append({ ...told, detail: relayedDetail(asked) })
    return {
      way: { status: 'pending', approval: { id, matchCode, expiresAt }, claim },
      change: { ...opened.change, journal: [...opened.change.journal, event] },
    }
  }

  return {
    async mint(text, address) {
      const opened = await openMintRequest(text, settings, clock())
      if (!opened.ok) throw refused(opened.reason)
      const { relay, request, thumbprint, proofJti } = opened
      const { relayId, jti, nonce, transport = 'dpop', scopes = null } = request
      const said = { relayId, jti, nonce, proof: `${thumbprint} ${proofJti}` }
      const mint = toBase64Url(random(16))
      let isCounted = false
      let isTried = false

      const plan = async (): Promise<Plan<string>> => {
        const slots = await marks.read(said)
        if (slots.some(isSpent)) throw refused('its `jti`, nonce or proof was used')
        // A copy takes nothing of what its relay may send.
        if (!isCounted) await count(relay)
        isCounted = true
        await ports.requireSteadyClock()
        const keys = await ports.keys()
        const now = clock()
        const [admission, epoch] = await Promise.all([
          records.admission.read(),
          records.epochs.read(),
        ])
        const byCode = relay.authorize && admission.mode !== 'approval'
        const entry = byCode ? entryByCode(admission.mode) : 'approval'
        const closed = refuseEntry(admission, entry)
        if (closed) throw new PairError(...closed)
        if (epoch.id === null)
          throw new PairError('store_unavailable', { reason: 'the epoch can not be read' })
        const admitted = admit(
          { scopes: [...relay.scopes], boundThumbprint: null },
          { thumbprint, transport, scopes },
          { keyless, hasAppScopes },
        )
        if (!admitted.ok) throw new PairError(...refusalOf(admitted))
        const given = { scopes: admitted.scopes, epoch: epoch.id, life, now }
        const asked = { request, relay, thumbprint, ...given }
        const { way, change } = byCode
          ? await issue(asked, keys, address, entry === 'code+approval')
          : await open(asked, keys, address)
        const spent = marks.spend(slots, { at: now, mint })
        const by = { environment: settings.audience, relayId, thumbprint, jti, nonce }
        const times = { issuedAt: now, expiresAt: now + RELAYED_MS }
        const answer = await keys.sign('relay', toAnswerClaims({ ...way, ...by, ...times }))
        isTried = true
        return {
          answer,
          change: {
            ...(change.own && { own: change.own }),
            checks: [checkOf(admission), checkOf(epoch), ...change.checks, ...spent.checks],
            writes: [...records.admission.settle(admission), ...change.writes, ...spent.writes],
            journal: change.journal,
            undo: () => undo(change),
          },
        }
      }

      /** What was refused as unsettled and is found done: nobody has it, and all may be said again. */
      const undo = async ({ undo: inner }: Change): Promise<Change | null> => {
        const ending = typeof inner === 'function' ? await inner() : (inner ?? null)
        const own = (await marks.read(said)).filter(({ record }) => record?.mint === mint)
        if (ending === null && own.length === 0) return null
        const free = marks.free(own, clock())
        return {
          checks: [...(ending?.checks ?? []), ...free.checks],
          writes: [...(ending?.writes ?? []), ...free.writes],
          journal: ending?.journal ?? [],
        }
      }

      return decide(space, plan).catch((error: unknown) => {
        if (isTried) unanswered.add(mint)
        throw error
      })
    },
  }
}
