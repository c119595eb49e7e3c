/** What a settled answer says of the server. */
const server = (admission: string): object => ({ version: 1, time: '<time>', admission })

/** The answer of `GET /session` to nobody, and to credentials that don't count. */
export function guest(reason?: 'expired' | 'revoked' | 'invalid', admission = 'code'): object {
  return { authenticated: false, ...(reason && { reason }), server: server(admission) }
}

export interface SettledSession {
  transport: 'cookie' | 'bearer' | 'dpop'
  keyed?: boolean
  label?: string
  scopes: readonly string[]
}

/** A session as a settled answer shows it. */
export function session({
  transport,
  keyed = transport === 'dpop',
  label = 'A device',
  scopes,
}: SettledSession): { device: object; [member: string]: unknown } {
  const device = {
    id: 'dev_…',
    label,
    kind: 'browser',
    thumbprint: keyed ? '<secret>' : null,
    createdAt: '<time>',
  }
  return {
    id: 'ses_…',
    subject: 'owner',
    scopes,
    transport,
    device,
    createdAt: '<time>',
    expiresAt: '<time>',
    data: null,
  }
}

/** The answer of `GET /session` to that session. */
export function member(of: SettledSession, admission = 'code'): object {
  return {
    authenticated: true,
    session: session(of),
    credentialExpiresAt: '<time>',
    server: server(admission),
  }
}

const presence = { lastSeenAt: '<time>', online: true }

/** The session that asks, as the list of sessions shows it. */
export function sessionItem(of: SettledSession): object {
  return { ...session(of), presence, current: true }
}

/** Its device, as the list of devices shows it. */
export function deviceItem(of: SettledSession): object {
  const { device } = session(of)
  const its = { id: 'ses_…', scopes: of.scopes, expiresAt: '<time>' }
  return { ...device, presence, session: its, current: true }
}

/** The answer to a redemption or a renewal. */
export function authorized(of: SettledSession, refreshToken = false): object {
  const base = { status: 'authorized', session: session(of), credentialExpiresAt: '<time>' }
  if (of.transport === 'cookie') return base
  return {
    ...base,
    accessToken: '<token>',
    tokenType: of.transport === 'dpop' ? 'DPoP' : 'Bearer',
    ...(refreshToken && { refreshToken: 'ses_….<secret>' }),
  }
}

/** The line that sets our cookie. Its life is in seconds; 0 takes it away. */
export function cookieLine(maxAge: number, secure = false): { 'set-cookie': string[] } {
  const name = `${secure ? '__Host-' : ''}pair_…`
  const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${secure ? '; Secure' : ''}`
  return { 'set-cookie': [`${name}=${maxAge === 0 ? '' : '<token>'}; ${attributes}`] }
}
