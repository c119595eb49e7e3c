import { OPERATOR } from '../audit/event.ts'
import { PairError } from '../errors.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide } from '../storage/decide.ts'
import { checkOf } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import { codeLookup } from './code-crypto.ts'
import { SHORTEST_CODE_MS, termsOf, type CodeTermsWanted, type IssueCode } from './code-request.ts'
import { viewCode, type Code, type CodeView } from './code.ts'
import { seededId } from './seed-crypto.ts'

/** What a seeded code gives, as other codes do. */
export interface SeedCode<S extends string = string> extends Omit<
  IssueCode<S>,
  'expiresInMs' | 'origin'
> {
  /** When it ends, at most 30 days ahead: an instant, so that the same seed brought again gains no time. */
  expiresAt: Millis
}

export interface SeedService<S extends string = string> {
  /**
   * Makes the code that a launcher chose: this seed, 32 random bytes as base64url, is its secret, and `<origin>/pair#code=<seed>`
   * its link. A seed is one code, however often, at once and by whom it is brought; the first terms hold. `null`: nobody comes in
   * by it any more, for it is used up, revoked or over. The operator's, in process: no route takes a seed.
   *
   * @throws PairError `invalid_request`, `policy_refused`, `clock_skew`, `store_unavailable`
   */
  seed(seed: string, request: SeedCode<S>): Promise<CodeView | null>
}

export function createSeedService(ports: ServicePorts): SeedService {
  const { space, records, clock, settings } = ports

  const invalid = (field: string, must: string): PairError =>
    new PairError('invalid_request', { message: `\`${field}\` must ${must}.` })

  function termsAt({ expiresAt, ...request }: SeedCode, now: Millis): CodeTermsWanted {
    if (!Number.isSafeInteger(expiresAt) || expiresAt < 0)
      throw invalid('expiresAt', 'be an instant, in milliseconds since the Unix epoch')
    // Shortly before its end it has less left than a fresh code may have.
    const expiresInMs = Math.max(expiresAt - now, SHORTEST_CODE_MS)
    const { scopes, life } = settings
    const operator = { scopes, subject: 'owner', data: null, life }
    const outcome = termsOf({ ...request, expiresInMs }, operator, settings)
    if (outcome.ok) return outcome.terms
    if (outcome.fault === 'scopes') throw invalid('scopes', 'name scopes of this server')
    const { field, must } = outcome
    throw field === 'expiresInMs'
      ? invalid('expiresAt', `be less far ahead: a code must ${must} long`)
      : invalid(field, must)
  }

  return {
    async seed(seed, request) {
      await ports.requireSteadyClock()
      const { codePepper } = await ports.keys()
      const id = seededId(seed)
      if (id === null) throw invalid('seed', 'be 32 random bytes as base64url')
      return decide<CodeView | null>(space, async () => {
        const now = clock()
        const { expiresInMs: _, ...terms } = termsAt(request, now)
        const [slot, epoch] = await Promise.all([records.codes.read(id), records.epochs.read()])
        if (slot.state === 'present') {
          const { usable, holds } = await records.codes.standpoint(id, now)
          return { answer: 'code' in usable ? viewCode(usable.code, holds) : null }
        }
        const { expiresAt } = request
        if (slot.state === 'corrupt' || now >= expiresAt) return { answer: null }
        if (epoch.id === null)
          throw new PairError('store_unavailable', { reason: 'the epoch can not be read' })
        const code: Code = {
          ...terms,
          id,
          used: 0,
          holds: [],
          issuer: null,
          epoch: epoch.id,
          createdAt: now,
          expiresAt,
          state: 'open',
        }
        const { label, scopes, subject, uses } = code
        await ports.askPolicy('issue', { by: OPERATOR, label, scopes, subject, uses, expiresAt })
        const room = await records.rooms.enter(code, settings.risk.liveCodes, now)
        const lookup = codeLookup(codePepper, { form: 'link', secret: seed })
        const event = records.audit.append({
          type: 'code.issued',
          at: now,
          actor: OPERATOR,
          codeId: id,
          detail: { label, scopes, uses, expiresAt },
        })
        return {
          answer: viewCode(code, []),
          // No `own` key: a rival with the same seed makes the same ones.
          change: {
            checks: [checkOf(slot), checkOf(epoch), ...room.checks],
            writes: [records.codes.put(code), records.codes.point(lookup, code), ...room.writes],
            journal: [...room.journal, event],
          },
        }
      })
    },
  }
}
