import { OPERATOR, type Actor } from '../audit/event.ts'
import { toBase64Url } from '../encoding/base64url.ts'
import { PairError } from '../errors.ts'
import { isId, newId, type CodeId } from '../ids.ts'
import type { Check } from '../ports/store.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide } from '../storage/decide.ts'
import { checkOf } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import { codeLookup } from './code-crypto.ts'
import { termsOf, toLinkBase, type IssueCode, type Issuer } from './code-request.ts'
import { codePurgeAt, viewCode, type Code, type CodeView } from './code.ts'
import { drawTypedCode, parseCode } from './typed-code.ts'

/** A fresh code with its secrets, which are handed out this once. */
export interface IssuedCode {
  code: CodeView
  /** `<origin>/pair#code=…`, 128 bits. */
  link: string
  /** `XXX-XXX-XXX`, 44.59 bits; longer where the risk budget asks for it. */
  typed: string
}

export interface CodesService<S extends string = string> {
  /** Makes a code. @throws PairError `invalid_request`, `insufficient_scope`, `clock_skew`, `store_unavailable` */
  issue(request?: IssueCode<S>, by?: Actor): Promise<IssuedCode>
  /** Codes that can be redeemed now, or wait for a decision, in the order of their ids. */
  list(page?: {
    after?: string
    limit?: number
  }): Promise<{ items: CodeView[]; next: string | null }>
  /** Ends a live code. @throws PairError `not_found` where there is no such live code */
  revoke(id: string, by?: Actor): Promise<void>
}

export function createCodesService(ports: ServicePorts): CodesService {
  const { space, records, clock, random, settings } = ports

  /** Who issues, what he has to give, and what has to hold still meanwhile. */
  async function issuerOf(by: Actor, now: Millis): Promise<{ issuer: Issuer; checks: Check[] }> {
    if (by.kind !== 'session') {
      const all = { scopes: settings.scopes, subject: 'owner', data: null, life: settings.life }
      return { issuer: all, checks: [] }
    }
    const standpoint = await records.sessions.standpoint(by.sessionId)
    const standing = standpoint.judge(now)
    if (!standing.ok) throw new PairError(`session_${standing.reason}`)
    const { scopes, subject, data } = standing.grant
    return { issuer: { scopes, subject, data, life: settings.life }, checks: standpoint.checks }
  }

  return {
    async issue(request = {}, by = OPERATOR) {
      await ports.requireSteadyClock()
      const { codePepper } = await ports.keys()
      const origin = request.origin ?? settings.publicUrl
      if (origin === undefined) {
        throw new PairError('invalid_request', {
          message: 'A link needs an origin.',
          hint: 'Pass `origin`, or set `publicUrl`.',
        })
      }
      const base = toLinkBase(origin)
      if (base === null) {
        throw new PairError('invalid_request', {
          message: '`origin` must be an http or https URL without query and fragment.',
        })
      }
      return decide<IssuedCode>(space, async () => {
        const now = clock()
        const { issuer, checks } = await issuerOf(by, now)
        const outcome = termsOf(request, issuer, settings)
        if (!outcome.ok) {
          if (outcome.fault === 'scopes')
            throw new PairError('insufficient_scope', {
              message: 'You can not give more than you have.',
              members: { scopes: outcome.scopes },
            })
          throw new PairError('invalid_request', {
            message: `\`${outcome.field}\` must ${outcome.must}.`,
          })
        }
        const { expiresInMs, ...terms } = outcome.terms
        const epoch = await records.epochs.read()
        if (epoch.id === null)
          throw new PairError('store_unavailable', { reason: 'the epoch can not be read' })
        const link = toBase64Url(random(16))
        const typed = drawTypedCode(random, settings.risk.symbols)
        const code: Code = {
          ...terms,
          id: newId('cod', random),
          used: 0,
          holds: [],
          issuer: by.kind === 'session' ? { sessionId: by.sessionId, deviceId: by.deviceId } : null,
          epoch: epoch.id,
          createdAt: now,
          expiresAt: now + expiresInMs,
          state: 'open',
        }
        await ports.askPolicy('issue', {
          by,
          label: code.label,
          scopes: code.scopes,
          subject: code.subject,
          uses: code.uses,
          expiresAt: code.expiresAt,
        })
        const digests = [link, typed].map((text) => {
          const parsed = parseCode(text, settings.risk.symbols)
          if (parsed.form === 'none')
            throw new PairError('internal', { reason: 'a code that we made does not parse' })
          return codeLookup(codePepper, parsed)
        })
        const lookups = digests.map((digest) => records.codes.point(digest, code))
        const room = await records.rooms.enter(code, settings.risk.liveCodes, now)
        const record = records.codes.put(code)
        return {
          answer: { code: viewCode(code, []), link: `${base}/pair#code=${link}`, typed },
          change: {
            own: record.key,
            checks: [
              ...checks,
              checkOf(epoch),
              ...room.checks,
              ...[record, ...lookups].map(({ key }) => ({ key, version: null })),
            ],
            writes: [record, ...lookups, ...room.writes],
            journal: [
              ...room.journal,
              records.audit.append({
                type: 'code.issued',
                at: now,
                actor: by,
                codeId: code.id,
                detail: {
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

    async list({ after, limit = 100 } = {}) {
      const now = clock()
      const { groups, next } = await records.codes.list(
        (after as CodeId | undefined) ?? null,
        limit,
      )
      const judged = await Promise.all(
        groups.map(({ slot }) => records.codes.standpoint(slot.record.id, now)),
      )
      return {
        items: judged.flatMap(({ usable, holds }) =>
          'code' in usable ? [viewCode(usable.code, holds)] : [],
        ),
        next,
      }
    },

    async revoke(id, by = OPERATOR) {
      if (!isId('cod', id)) throw new PairError('not_found')
      await decide(space, async () => {
        const now = clock()
        const { usable, marker } = await records.codes.standpoint(id, now)
        if (!('code' in usable)) throw new PairError('not_found')
        const { code } = usable
        const mark = records.revocations.mark(
          marker,
          { at: now, reason: 'revoked' },
          codePurgeAt(code),
        )
        const event = records.audit.append({
          type: 'code.revoked',
          at: now,
          actor: by,
          codeId: code.id,
        })
        return { answer: undefined, change: { ...mark, journal: [event] } }
      })
    },
  }
}
