import { createHash, randomBytes } from 'node:crypto'

/** A device with a proof key, as a client makes it. */
export interface Device {
  publicKey: { kty: 'EC'; crv: 'P-256'; x: string; y: string }
  /** A DPoP proof for one request. */
  prove(claims: { htm: string; htu: string; ath?: string; bodyHash?: string }): Promise<string>
}

export const sha256 = (text: string): string =>
  createHash('sha256').update(text).digest('base64url')

export async function createDevice(): Promise<Device> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
    'verify',
  ])
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const publicKey = { kty: 'EC', crv: 'P-256', x, y } as const
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url')
  return {
    publicKey,
    async prove(claims) {
      const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: publicKey }
      const payload = {
        jti: randomBytes(16).toString('base64url'),
        iat: Math.floor(Date.now() / 1_000),
        ...claims,
      }
      const input = `${encode(header)}.${encode(payload)}`
      const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
      const signature = await crypto.subtle.sign(algorithm, pair.privateKey, Buffer.from(input))
      return `${input}.${Buffer.from(signature).toString('base64url')}`
    },
  }
}
