import { utf8 } from '../encoding/bytes.ts'
import { parseStrictJson } from '../encoding/strict-json.ts'
import { cleanLabel } from '../encoding/text.ts'
import { checkScopeList, isAccessScope, narrowScopes } from '../grant/scopes.ts'
import { isThumbprint, type Thumbprint } from '../ids.ts'
import type { SessionLife } from '../session/session.ts'
import { DAY, isDuration, MINUTE, SECOND, type Millis } from '../time.ts'

export interface IssueCode<S extends string = string> {
  /** What it is for, shown in lists. At most 80 characters. */
  label?: string
  /** Default: the issuer's app scopes; of the operator: all of the app's. */
  scopes?: readonly S[]
  /** How many may redeem it: 1 to 1,000, or any number until it expires. Default 1. */
  uses?: number | 'unlimited'
  /** Milliseconds, 30 seconds to 30 days. Default 10 minutes. */
  expiresInMs?: number
  /** Only the device with this key thumbprint (RFC 7638) may redeem it. */
  boundThumbprint?: Thumbprint
  /** Whom the sessions are of. Default: the issuer's; of the operator: `owner`. */
  subject?: string
  /** What the app attaches to the sessions: JSON of at most 2 KiB. */
  data?: unknown
  /** How long the sessions may live. Default: the options' `session`. */
  session?: Partial<SessionLife>
  /** Where the link leads: `https://home.example/app`. Default: `publicUrl`. */
  origin?: string
}

/** What the issuer has to give. */
export interface Issuer {
  scopes: readonly string[]
  subject: string
  data: unknown
  life: SessionLife
}

/** What this server has to give, and for how long at most. */
export interface CodePolicy {
  scopes: readonly string[]
  risk: { longestLifeMs: Millis }
}

export interface CodeTermsWanted {
  label: string | null
  scopes: string[]
  uses: number | null
  expiresInMs: number
  boundThumbprint: Thumbprint | null
  subject: string
  data: unknown
  life: SessionLife
}

export type CodeRequestOutcome =
  | { ok: true; terms: CodeTermsWanted }
  | { ok: false; fault: 'scopes'; scopes: string[] }
  | { ok: false; fault: 'field'; field: string; must: string }

export const DEFAULT_CODE_MS: number = 10 * MINUTE
/** What a code lives at least. */
export const SHORTEST_CODE_MS: Millis = 30 * SECOND
const LONGEST_MS = 30 * DAY
const DATA_LIMIT = 2_048
/** Some databases read no JSON that is nested deeper than a thousand levels. */
const DATA_DEPTH = 64

/** What this issuer may make of that request. Nobody gives more than he has. */
export function termsOf(
  request: IssueCode,
  issuer: Issuer,
  { scopes: known, risk }: CodePolicy,
): CodeRequestOutcome {
  const fail = (field: string, must: string): CodeRequestOutcome => ({
    ok: false,
    fault: 'field',
    field,
    must,
  })
  const {
    uses = 1,
    expiresInMs = Math.min(DEFAULT_CODE_MS, risk.longestLifeMs),
    boundThumbprint = null,
    subject = issuer.subject,
  } = request
  const label = request.label === undefined ? null : cleanLabel(request.label)
  if (request.label !== undefined && label === null)
    return fail('label', 'be 1 to 80 printable characters')
  if (uses !== 'unlimited' && !(Number.isInteger(uses) && uses >= 1 && uses <= 1_000)) {
    return fail('uses', 'be 1 to 1,000 or "unlimited"')
  }
  const longest = Math.min(LONGEST_MS, risk.longestLifeMs)
  if (
    !(Number.isInteger(expiresInMs) && expiresInMs >= SHORTEST_CODE_MS && expiresInMs <= longest)
  ) {
    const at =
      longest === LONGEST_MS ? '30 days' : `${longest / SECOND} seconds, by the risk budget`
    return fail('expiresInMs', `be 30 seconds to ${at}`)
  }
  if (boundThumbprint !== null && !isThumbprint(boundThumbprint))
    return fail('boundThumbprint', 'be an RFC 7638 thumbprint')
  if (cleanLabel(subject, 256) !== subject)
    return fail('subject', 'be 1 to 256 printable characters')
  const data = request.data === undefined ? issuer.data : request.data
  if (!isSmallJson(data)) return fail('data', 'be JSON of at most 2 KiB')
  const life = { ...issuer.life, ...request.session }
  if (![life.slidingMs, life.absoluteMs].every((ms) => ms === null || isDuration(ms))) {
    return fail('session', 'hold durations in milliseconds, from 1,000 to a hundred years, or null')
  }

  const wanted = request.scopes ?? issuer.scopes.filter((scope) => !isAccessScope(scope))
  if (!Array.isArray(wanted)) return fail('scopes', 'be a list')
  const list = checkScopeList(wanted, known)
  // An app without scopes of its own lets in, or not: its codes name none.
  const nothingToName = request.scopes === undefined && known.every(isAccessScope)
  if (!list.ok && !nothingToName)
    return fail(
      'scopes',
      `name scopes of this server, each once (${[list.reason, ...list.scopes].join(' ')})`,
    )
  const narrowed = narrowScopes(wanted, issuer.scopes)
  if (!narrowed.ok) return { ok: false, fault: 'scopes', scopes: narrowed.scopes }
  return {
    ok: true,
    terms: {
      label,
      scopes: narrowed.scopes,
      uses: uses === 'unlimited' ? null : uses,
      expiresInMs,
      boundThumbprint,
      subject,
      data,
      life,
    },
  }
}

/** What pairing links begin with, without a slash at its end; `null` where it is no http or https address, or more than one. */
export function toLinkBase(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol) || /[?#]/.test(text) || url.username || url.password)
    return null
  const { href } = url
  let end = href.length
  // By hand: a pattern would look at a long run of slashes once for each of them.
  while (href.endsWith('/', end)) end--
  return href.slice(0, end)
}

function isSmallJson(value: unknown): boolean {
  try {
    const text = JSON.stringify(value) as string | undefined
    if (text === undefined || utf8(text).length > DATA_LIMIT) return false
    // NUL and half a character are no text to every store.
    return parseStrictJson(text, { maxDepth: DATA_DEPTH }).ok
  } catch {
    return false
  }
}
