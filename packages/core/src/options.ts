import { isAdmissionMode } from './admission/admission.ts'
import { checkAudit } from './audit-options.ts'
import { toLinkBase } from './bootstrap/code-request.ts'
import { utf8 } from './encoding/bytes.ts'
import { ACCESS_SCOPES, isAccessScope, isScope } from './grant/scopes.ts'
import { parseProxy } from './http/client-address.ts'
import { invalid } from './invalid-option.ts'
import { checkLimits } from './limit-options.ts'
import type { PairOptions } from './pair-options.ts'
import { checkPolicy } from './policy-options.ts'
import { checkResources } from './resource-options.ts'
import { modeScopes } from './resource/resource.ts'
import type { Settings } from './settings.ts'
import { DAY, HOUR, isDuration, MINUTE, SECOND } from './time.ts'

/** @throws PairError `config_invalid`, which names the option and the mend. */
export function checkOptions(options: PairOptions): Settings {
  if (typeof options !== 'object' || options === null)
    throw invalid('options', 'be an object', 'createPair({ secret, store })')
  const { store, secret, scopes = [], session = {} } = options
  if (typeof session !== 'object' || session === null)
    throw invalid('session', 'be an object', 'session: { accessMs: 900000 }')
  if (!isStore(store))
    throw invalid(
      'store',
      'be a Store',
      'store: memoryStore() for one process; a file or database store to survive a restart',
    )
  checkSecret(secret)
  for (const scope of list('scopes', scopes)) {
    if (!isScope(scope) || isAccessScope(scope)) {
      throw invalid(
        'scopes',
        'name scopes of the app without blanks, quotes or the prefix access:',
        "scopes: ['notes:read']",
      )
    }
  }
  if (new Set(scopes).size !== scopes.length)
    throw invalid('scopes', 'name each scope once', "scopes: ['notes:read']")
  const resources = checkResources(options.resources, scopes)
  const basePath = options.basePath ?? '/auth'
  // Requests never arrive with dot segments: such a path would be served nowhere.
  if (!/^(?:\/(?!\.\.?(?:\/|$))[A-Za-z0-9._~-]+)+$/.test(basePath))
    throw invalid('basePath', 'begin with a slash and not end in one', "basePath: '/auth'")
  const namespace = options.namespace ?? 'pair'
  if (typeof namespace !== 'string' || !/^[A-Za-z0-9._-]{1,64}$/.test(namespace))
    throw invalid('namespace', 'be 1 to 64 letters, digits, dots, dashes', "namespace: 'pair'")
  const keyless = options.keyless ?? 'limited'
  if (!['limited', 'refuse', 'full'].includes(keyless))
    throw invalid('keyless', 'be limited, refuse or full', "keyless: 'limited'")
  const signing = options.signing ?? 'hs256'
  if (!['hs256', 'eddsa'].includes(signing))
    throw invalid('signing', 'be hs256 or eddsa', "signing: 'hs256'")
  const onReuse = options.onReuse ?? 'audit'
  if (!['audit', 'end-session'].includes(onReuse))
    throw invalid('onReuse', 'be audit or end-session', "onReuse: 'end-session'")
  const { graceMs = 30 * SECOND } = session
  if (!(Number.isInteger(graceMs) && graceMs >= 0 && graceMs <= 5 * MINUTE))
    throw invalid(
      'session.graceMs',
      'be a whole number of milliseconds, from 0 to 5 minutes',
      'graceMs: 30000',
    )
  const admission = options.admission ?? 'code'
  if (!isAdmissionMode(admission))
    throw invalid(
      'admission',
      'be closed, code, approval or code+approval',
      "admission: 'approval'",
    )
  const { approval = {} } = options
  if (typeof approval !== 'object' || approval === null)
    throw invalid('approval', 'be an object', 'approval: { pendingMs: 600000 }')
  const publicUrl = options.publicUrl === undefined ? undefined : checkPublicUrl(options.publicUrl)
  const proxy = parseProxy(options.proxy)
  if (proxy === null)
    throw invalid(
      'proxy',
      'be { hops: 1 to 16 } or { cidrs: [address ranges] }',
      'proxy: { hops: 1 }',
    )
  for (const name of ['clock', 'random'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw invalid(
        name,
        'be a function',
        name === 'clock'
          ? 'clock: () => Date.now()'
          : 'no such option: the platform has a generator',
      )
  }
  if (
    options.logger !== undefined &&
    !hasMethods(options.logger, ['debug', 'info', 'warn', 'error'])
  ) {
    throw invalid('logger', 'have debug, info, warn and error', 'logger: console')
  }
  return {
    scopes: [...scopes, ...modeScopes(resources), ...ACCESS_SCOPES],
    resources,
    life: {
      slidingMs: duration('session.slidingMs', session.slidingMs, 30 * DAY, true),
      absoluteMs: duration('session.absoluteMs', session.absoluteMs, null, true),
    },
    accessMs: duration('session.accessMs', session.accessMs, 15 * MINUTE, false) as number,
    graceMs,
    onReuse,
    signing,
    keyless,
    admission,
    approval: {
      pendingMs: wait('approval.pendingMs', approval.pendingMs),
      collectMs: wait('approval.collectMs', approval.collectMs),
      coolDownMs: wait('approval.coolDownMs', approval.coolDownMs),
    },
    audit: checkAudit(options.audit),
    policy: checkPolicy(options.policy),
    ...checkLimits(options.limits, options.risk),
    publicUrl,
    basePath,
    allowedHosts: list('allowedHosts', options.allowedHosts ?? []).map(checkHost),
    allowedOrigins: list('allowedOrigins', options.allowedOrigins ?? []).map(checkOrigin),
    proxy,
    allowInsecureLan: options.allowInsecureLan === true,
    namespace,
  }
}

function isStore(store: unknown): boolean {
  return hasMethods(store, ['read', 'list', 'commit', 'increment', 'tail', 'purge'])
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
  )
}

function checkSecret(secret: unknown): void {
  if (!hasMethods(secret, ['getOrCreate', 'markSpent', 'isSpent'])) toMaster(secret)
}

/**
 * The bytes of a secret, a copy of their own: the app may wipe its. What a source hands out is checked like an option.
 *
 * @throws PairError `config_invalid`
 */
export function toMaster(secret: unknown): Uint8Array {
  const mend =
    'secret: process.env.PAIR_SECRET, made once by: node -p "crypto.randomBytes(32).toString(\'base64url\')"'
  const bytes = typeof secret === 'string' ? utf8(secret) : secret
  if (!(bytes instanceof Uint8Array))
    throw invalid('secret', 'be a string, a Uint8Array or a SecretSource', mend)
  if (bytes.length < 32)
    throw invalid('secret', `be at least 32 bytes long; it has ${bytes.length}`, mend)
  if (new Set(bytes).size < 8)
    throw invalid('secret', 'be random; it repeats a few characters', mend)
  return new Uint8Array(bytes)
}

/** A duration in milliseconds: a whole number of at least a second that an instant can be reckoned with. */
function duration(
  option: string,
  value: unknown,
  otherwise: number | null,
  nullable: boolean,
): number | null {
  if (value === undefined) return otherwise
  if (value === null && nullable) return null
  if (!isDuration(value)) {
    throw invalid(
      option,
      `be a whole number of milliseconds, from 1,000 to a hundred years${nullable ? ', or null' : ''}`,
      `${option.split('.').at(-1)}: ${15 * MINUTE}`,
    )
  }
  return value
}

/** How long a request is waited for: 1 second to 12 hours, so that a code is remembered longer than it is held. */
function wait(option: string, value: unknown): number {
  const ms = duration(option, value, 10 * MINUTE, false) as number
  if (ms > 12 * HOUR)
    throw invalid(option, 'be 12 hours at most', `${option.split('.').at(-1)}: ${10 * MINUTE}`)
  return ms
}

function list(option: string, value: unknown): string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw invalid(option, 'be a list of strings', `${option}: []`)
  return value as string[]
}

function checkPublicUrl(text: string): string {
  const base = toLinkBase(text)
  if (base === null) {
    throw invalid(
      'publicUrl',
      'be an http or https URL without query and fragment',
      "publicUrl: 'https://home.example'",
    )
  }
  return base
}

function checkHost(text: string): string {
  const url = URL.canParse(`http://${text}/`) ? new URL(`http://${text}/`) : null
  if (!url || url.pathname !== '/' || url.username || /[/?#@]/.test(text)) {
    throw invalid(
      'allowedHosts',
      'hold host names, with a port or without',
      "allowedHosts: ['lab.lan', '10.0.0.5:8080']",
    )
  }
  // The port stays as it was written: URL drops the one that is usual for its scheme.
  const port = /^(?:\[[^\]]*\]|[^:[]*):(\d+)$/.exec(text)?.[1]
  return port === undefined ? url.hostname : `${url.hostname}:${Number(port)}`
}

function checkOrigin(text: string): string {
  if (!URL.canParse(text) || new URL(text).origin !== text) {
    throw invalid(
      'allowedOrigins',
      'hold origins to the letter, without a path',
      "allowedOrigins: ['https://app.example']",
    )
  }
  return text
}
