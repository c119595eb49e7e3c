import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { sealData, type SessionOptions } from 'iron-session'

export const SECRET = 'bench-secret-0123456789-abcdefghijklmnopqrstuvwxyz'

/** Claims of the shape that ours have. */
export function claims(): Record<string, string | number> {
  const now = Math.floor(Date.now() / 1_000)
  return {
    iss: '0a1b2c3d',
    aud: '0a1b2c3d',
    sub: 'owner',
    sid: 'ses_AAAAAAAAAAAAAAAAAAAAAA',
    iat: now,
    exp: now + 3_600,
    jti: 'AAAAAAAAAAAAAAAAAAAAAA',
  }
}

export const ironOptions: SessionOptions = { cookieName: 'iron', password: SECRET }

/** A `Cookie` header for iron-session. */
export async function ironCookie(): Promise<string> {
  return `iron=${await sealData(claims(), { password: SECRET })}`
}

/** better-auth on its memory database with one signed-in user: asked with each check, or kept in a signed cookie. */
// eslint-disable-next-line typescript/explicit-module-boundary-types -- its type is an inferred one
export async function startBetterAuth(port: number, cookieCache: boolean) {
  const auth = betterAuth({
    secret: SECRET,
    baseURL: `http://127.0.0.1:${port}`,
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    emailAndPassword: { enabled: true },
    session: { cookieCache: { enabled: cookieCache, maxAge: 3_600 } },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
  })
  const response = await auth.api.signUpEmail({
    body: { email: 'a@example.com', password: 'correct horse battery', name: 'A' },
    asResponse: true,
  })
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
  return { auth, cookie }
}
