import { OPERATOR, type Actor } from '../audit/event.ts'
import { toBase64Url } from '../encoding/base64url.ts'
import { PairError } from '../errors.ts'
import { newId } from '../ids.ts'
import { epochOf } from '../revocation/epoch.ts'
import { KEEP_AFTER_END_MS } from '../session/pairing-records.ts'
import { actingRefusal } from '../session/refusal.ts'
import type { Acting } from '../session/session-records.ts'
import { keepUntil } from '../session/session.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide } from '../storage/decide.ts'
import { checkOf, type Change } from '../storage/space.ts'
import type { AdmissionSlot } from './admission-records.ts'
import { isAdmissionMode, reevaluate, type AdmissionMode } from './admission.ts'

export interface AdmissionView {
  /** `unknown`: what is stored is not a mode of this version, and nobody new comes in until it is mended. */
  mode: AdmissionMode | 'unknown'
  /** The stored word where it is not one of ours. */
  stored: string | null
  /** Of the setting; moves with each change. `null`: that of the options, never set. */
  version: string | null
}

export interface AdmissionChange {
  /** The version that was shown. Default: whatever stands there. */
  version?: string | null
  /** Also end, at once, the live sessions of who came in by a way that this mode does not take. Default `false`. */
  reevaluate?: boolean
}

export interface AdmissionService {
  get(): Promise<AdmissionView>
  /** @throws PairError `admission_changed`, `admission_unknown`, `invalid_request` */
  set(mode: AdmissionMode, change?: AdmissionChange, by?: Actor): Promise<AdmissionView>
  /** Mends a setting that can't be read; one that can is left as it is. @throws PairError `invalid_request` */
  recover(mode: AdmissionMode, by?: Actor): Promise<AdmissionView>
}

export function createAdmissionService(ports: ServicePorts): AdmissionService {
  const { space, records, clock, random } = ports

  async function get(): Promise<AdmissionView> {
    return viewOf(await records.admission.read())
  }

  function viewOf({ mode, stored, record }: AdmissionSlot): AdmissionView {
    return { mode: mode ?? 'unknown', stored, version: record?.version ?? null }
  }

  function check(mode: AdmissionMode): void {
    if (!isAdmissionMode(mode))
      throw new PairError('invalid_request', {
        message: '`mode` must be closed, code, approval or code+approval.',
      })
  }

  /** The new age of those whose way in the mode does not take; who asks stays. */
  async function endOthers(
    mode: AdmissionMode,
    { session }: Extract<Acting, { ok: true }>,
  ): Promise<Omit<Change, 'journal'>> {
    const slot = await records.epochs.read()
    // Without it everything counts as ended already.
    if (slot.epoch === null)
      throw new PairError('store_unavailable', { reason: 'the epoch can not be read' })
    const epoch = reevaluate(slot.epoch, mode, newId('epo', random))
    const kept = session && { ...session, epoch: epochOf(epoch, session.entry) }
    return {
      checks: [checkOf(slot)],
      writes: [
        records.epochs.put(epoch),
        ...(kept ? [records.sessions.put(kept, keepUntil(kept, KEEP_AFTER_END_MS))] : []),
      ],
    }
  }

  async function change(
    mode: AdmissionMode,
    { version, reevaluate: ends = false }: AdmissionChange,
    by: Actor,
    recovering: boolean,
  ): Promise<AdmissionView> {
    check(mode)
    return decide(space, async () => {
      const now = clock()
      const slot = await records.admission.read()
      if (slot.mode === null && !recovering)
        throw new PairError('admission_unknown', {
          reason: `the stored admission mode is "${slot.stored}"`,
        })
      if (slot.mode !== null && recovering) return { answer: viewOf(slot) }
      if (version !== undefined && version !== viewOf(slot).version)
        throw new PairError('admission_changed')
      if (slot.mode === mode && slot.record !== null && !ends) return { answer: viewOf(slot) }
      const acting = await records.sessions.acting(by, now)
      if (!acting.ok) throw new PairError(...actingRefusal(acting.reason))
      const ending = ends ? await endOthers(mode, acting) : { checks: [], writes: [] }
      const event = records.audit.append({
        type: 'admission.changed',
        at: now,
        actor: by,
        detail: { from: slot.mode ?? slot.stored, to: mode, reevaluated: ends },
      })
      const next = { mode, version: toBase64Url(random(9)) }
      return {
        answer: { mode, stored: null, version: next.version },
        change: {
          checks: [checkOf(slot), ...acting.checks, ...ending.checks],
          writes: [records.admission.put(next), ...ending.writes],
          journal: [event],
        },
      }
    })
  }

  return {
    get,
    set: (mode, wish = {}, by = OPERATOR) => change(mode, wish, by, false),
    recover: (mode, by = OPERATOR) => change(mode, {}, by, true),
  }
}
