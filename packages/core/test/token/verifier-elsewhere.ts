import { createRemoteJWKSet, jwtVerify } from 'jose'

/** What a resource token of that server lets its bearer do with this resource. */
export function createVerifier(
  server: string, // 'https://home.example'
  issuer: string, // what `await pair.signingKeys.issuer()` answers there
): (token: string, resource: string) => Promise<string> {
  const keys = createRemoteJWKSet(new URL('/auth/jwks.json', server), {
    cacheMaxAge: 30_000, // for so long keys that were ended are still believed
    cooldownDuration: 5_000, // an unknown key is asked for at most so often
  })
  return async (token, resource) => {
    const { payload } = await jwtVerify<{ resource: string; mode: string; cnf?: object }>(
      token,
      keys,
      {
        issuer,
        audience: `${issuer}/resource`,
        typ: 'pair-resource+jwt',
        algorithms: ['EdDSA'],
        requiredClaims: ['sub', 'sid', 'iat', 'exp', 'jti', 'resource', 'mode'],
      },
    )
    if (payload.resource !== resource) throw new Error('the token is for another resource')
    // A token of a device with a key counts beside a proof of that key alone: look at it as RFC 9449 §7.2 tells, or refuse.
    if (payload.cnf !== undefined) throw new Error('the token needs a proof')
    return payload.mode
  }
}
