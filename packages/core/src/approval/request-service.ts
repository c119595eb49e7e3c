import { refuseEntry } from '../admission/admission.ts'
import { newcomerFrom } from '../audit/event.ts'
import { admit, refuseRedeemer } from '../bootstrap/code.ts'
import { PairError } from '../errors.ts'
import { checkScopeList, isAccessScope, narrowScopes } from '../grant/scopes.ts'
import { newcomerFacts } from '../policy/policy.ts'
import { authorizePaired } from '../session/credential-crypto.ts'
import type { Authorized } from '../session/credential.ts'
import { drawPairing, pairDevice, type Arrival } from '../session/pairing.ts'
import type { Acquaintance } from '../session/pairing-records.ts'
import { refusalOf } from '../session/refusal.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide, type Plan } from '../storage/decide.ts'
import { checkOf } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import { toOpened } from './approval-crypto.ts'
import type { PendingAnswer } from './approval-view.ts'
import { drawOpening } from './opening.ts'
import { networkInQueue } from './queue.ts'

export interface RequestService {
  /**
   * Asks to be let in by a person. A device that a person let in before, and that proves its key from where it paired, is
   * let in at once.
   *
   * @throws PairError `admission_refused`, `admission_unknown`, `approval_rejected`, `approval_limited`,
   * `insufficient_scope`, `device_key_required`, `invalid_request`, `clock_skew`, `store_unavailable`, `store_busy`
   */
  request(arrival: Arrival): Promise<Authorized | PendingAnswer>
  /** Would this be answered? Changes nothing. @throws PairError as `request` */
  rehearse(arrival: Arrival): Promise<void>
}

export function createRequestService(ports: ServicePorts): RequestService {
  const { space, records, clock, random, settings } = ports

  /** A device that a person let in, as it may come again; `null`: it has to ask like any other. */
  async function welcome(
    { newcomer, scopes, address }: Arrival,
    found: Acquaintance,
    now: Millis,
  ): Promise<Plan<Authorized> | null> {
    const { known } = found
    if (known === null || known.origin !== newcomer.origin) return null
    const standpoint = await records.sessions.standpoint(known.sessionId)
    const standing = standpoint.judge(now)
    if (!standing.ok || !['approval', 'code+approval'].includes(standing.session.entry)) return null
    const { session: last, grant: held } = standing
    const narrowed = narrowScopes(scopes ?? held.scopes, held.scopes)
    if (!narrowed.ok) return null
    const { slidingMs, absoluteAt, codeId, approvalId } = last
    const same = { ...newcomer, label: known.label, kind: known.kind }
    const told = { address, subject: held.subject, scopes: narrowed.scopes, codeId, approvalId }
    await ports.askPolicy('admit', newcomerFacts('return', same, told))
    const keys = await ports.keys()
    const drawn = drawPairing(random)
    const made = pairDevice({
      drawn,
      known,
      now,
      newcomer: same,
      epoch: last.epoch,
      codeId: last.codeId,
      approvalId: last.approvalId,
      entry: last.entry,
      subject: held.subject,
      scopes: narrowed.scopes,
      data: held.data,
      life: {
        slidingMs,
        absoluteMs: absoluteAt === null ? null : absoluteAt - now,
      },
      keylessFull: false,
    })
    const pairing = records.pairings.write(found, made)
    const { session, device, grant } = made
    const event = records.audit.append({
      type: 'device.returned',
      at: now,
      actor: newcomerFrom(address),
      deviceId: device.id,
      sessionId: session.id,
      ...(last.approvalId === null ? {} : { approvalId: last.approvalId }),
      detail: { label: device.label, scopes: grant.scopes, replacedSessionId: last.id },
    })
    return {
      answer: await authorizePaired(keys, made, drawn, settings.accessMs, now),
      change: {
        checks: [...standpoint.checks, ...pairing.checks],
        writes: pairing.writes,
        journal: [event],
        own: pairing.own,
        undo: pairing.undo,
      },
    }
  }

  async function plan(arrival: Arrival): Promise<Plan<Authorized | PendingAnswer>> {
    const { newcomer, scopes, nonce, address, deviceGrant } = arrival
    const network = networkInQueue(arrival)
    const keys = await ports.keys()
    const { thumbprint, transport } = newcomer
    const now = clock()
    const [admission, epoch, found] = await Promise.all([
      records.admission.read(),
      records.epochs.read(),
      records.pairings.acquaintance(thumbprint),
    ])
    // What a person typed at his own session is as good as a code.
    const entry =
      deviceGrant && admission.mode === 'code+approval' ? admission.mode : ('approval' as const)
    const closed = refuseEntry(admission, entry)
    if (closed) throw new PairError(...closed)
    if (epoch.id === null)
      throw new PairError('store_unavailable', { reason: 'the epoch can not be read' })
    const checks = [checkOf(admission), checkOf(epoch)]
    const settling = records.admission.settle(admission)
    // Whose code is typed waits for that.
    const welcomed = deviceGrant ? null : await welcome(arrival, found, now)
    if (welcomed?.change) {
      const { answer, change } = welcomed
      return {
        answer,
        change: {
          ...change,
          checks: [...checks, ...change.checks],
          writes: [...settling, ...change.writes],
        },
      }
    }
    const app = settings.scopes.filter((scope) => !isAccessScope(scope))
    const admitted = admit(
      { scopes: [...settings.scopes], boundThumbprint: null },
      { thumbprint, transport, scopes: scopes ?? app },
      { keyless: settings.keyless, hasAppScopes: app.length > 0 },
    )
    if (!admitted.ok) throw new PairError(...refusalOf(admitted))
    const drawn = drawOpening(thumbprint !== null, random)
    const wish = {
      ...newcomer,
      address,
      subject: 'owner',
      scopes: admitted.scopes,
      data: null,
      life: settings.life,
      codeId: null,
      ...(deviceGrant && { deviceGrant: { ...deviceGrant, entry } }),
    }
    const opened = await records.openings.open(
      { wish, network, epoch: epoch.id, found, drawn, actor: newcomerFrom(address) },
      settings.approval,
      now,
    )
    if (!opened.ok) throw new PairError(...refusalOf(opened))
    const { approval, change } = opened
    const way = deviceGrant ? 'device-grant' : 'request'
    await ports.askPolicy('admit', newcomerFacts(way, newcomer, { ...wish, approvalId: null }))
    return {
      answer: await toOpened(keys, approval, drawn, {
        nonce,
        now,
        collectMs: settings.approval.collectMs,
      }),
      change: {
        checks: [...checks, ...change.checks],
        writes: [...settling, ...change.writes],
        journal: change.journal,
        ...(change.own && { own: change.own }),
        ...(change.undo && { undo: change.undo }),
      },
    }
  }

  async function check({ newcomer, scopes }: Arrival): Promise<void> {
    await ports.requireSteadyClock()
    const list = scopes === null ? null : checkScopeList(scopes, settings.scopes)
    if (list?.ok === false)
      throw new PairError(...refusalOf({ refusal: 'scopes', reason: list.reason }))
    const refusal = refuseRedeemer(newcomer, settings.keyless)
    if (refusal !== null) throw new PairError(...refusalOf({ refusal }))
  }

  return {
    async request(arrival) {
      await check(arrival)
      return decide(space, () => plan(arrival))
    },
    async rehearse(arrival) {
      await check(arrival)
      await plan(arrival)
    },
  }
}
