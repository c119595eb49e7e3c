import type { Code, CodeTerms, OpenCode } from '../../src/bootstrap/code.ts'
import type { Device } from '../../src/device/device.ts'
import type { Grant } from '../../src/grant/grant.ts'
import type { Session } from '../../src/session/session.ts'
import { DAY, HOUR } from '../../src/time.ts'
import { NOON } from './clock.ts'

/** A session with a key that began at noon, ends an hour later unless renewed, and in a day in any case. */
export function sessionOf(over: Partial<Session> = {}): Session {
  return {
    id: 'ses_one',
    epoch: 'epo_one',
    deviceId: 'dev_one',
    grantId: 'gra_one',
    codeId: 'cod_one',
    approvalId: null,
    entry: 'code',
    transport: 'dpop',
    thumbprint: 'key',
    createdAt: NOON,
    expiresAt: NOON + HOUR,
    absoluteAt: NOON + DAY,
    slidingMs: HOUR,
    renewal: { by: 'proof' },
    ...over,
  }
}

export function grantOf(over: Partial<Grant> = {}): Grant {
  return {
    id: 'gra_one',
    subject: 'owner',
    deviceId: 'dev_one',
    scopes: ['notes:read'],
    data: { room: 1 },
    createdAt: NOON,
    ...over,
  }
}

export function deviceOf(over: Partial<Device> = {}): Device {
  return {
    id: 'dev_one',
    label: 'Phone',
    kind: 'app',
    thumbprint: 'key',
    origin: 'https://notes.example',
    createdAt: NOON,
    sessionId: 'ses_one',
    grantId: 'gra_one',
    ...over,
  }
}

const CODE: CodeTerms = {
  id: 'cod_one',
  label: 'For the kitchen',
  scopes: ['notes:read', 'notes:write'],
  subject: 'owner',
  data: null,
  uses: 1,
  used: 0,
  holds: [],
  boundThumbprint: null,
  issuer: null,
  epoch: 'epo_one',
  createdAt: NOON,
  expiresAt: NOON + HOUR,
  life: { slidingMs: HOUR, absoluteMs: DAY },
}

/** A code of one use, issued at noon for an hour. */
export function codeOf(over: Partial<CodeTerms> = {}): OpenCode {
  return { ...CODE, ...over, state: 'open' }
}

/** The same, redeemed by `ses_one` with `key`. */
export function redeemedOf(over: Partial<Extract<Code, { state: 'redeemed' }>> = {}): Code {
  return {
    ...CODE,
    used: 1,
    state: 'redeemed',
    redeemedAt: NOON,
    redeemedBy: { sessionId: 'ses_one', thumbprint: 'key' },
    ...over,
  }
}
