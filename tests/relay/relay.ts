// A relay by itself: carries what clients ask for to the environment that they name, or lies about it.
import { createHmac, generateKeyPairSync, randomBytes, sign as nodeSign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { MintWish } from '@pair/core/relay'
import { signMintRequest } from '@pair/core/relay'
import { answerParent, tellReady } from './answering.ts'

/** How this relay lies. */
export interface Lie {
  /** Says this in place of what the client signed. */
  carried?: Partial<MintWish>
  /** Names this in place of a fresh one. */
  jti?: string
  /** Sends this request as it is. */
  replay?: string
  /** Signs by that. */
  alg?: 'HS256' | 'none' | 'ES256'
  /** Sends it to that environment, not to the one that the client named. */
  to?: string
}

export interface Carried {
  status: number
  answer: string | null
  problem: string | null
  /** What it sent. */
  request: string
}

interface Parcel {
  wish: MintWish
  proof: string
  lie: Lie
}

const key = JSON.parse(process.argv[2] ?? '') as Record<'kty' | 'crv' | 'x' | 'd', string>

/** The same claims under a header of another algorithm. */
function resign(text: string, alg: NonNullable<Lie['alg']>): string {
  const [head = '', body = ''] = text.split('.')
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as object
  const signed = `${Buffer.from(JSON.stringify({ ...header, alg })).toString('base64url')}.${body}`
  const signatures = {
    none: () => Buffer.alloc(64),
    HS256: () => createHmac('sha256', Buffer.from(key.x, 'base64url')).update(signed).digest(),
    ES256: () =>
      nodeSign('sha256', Buffer.from(signed), {
        key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
        dsaEncoding: 'ieee-p1363',
      }),
  }
  return `${signed}.${signatures[alg]().toString('base64url')}`
}

async function carry({ wish, proof, lie }: Parcel): Promise<Carried> {
  const fresh = await signMintRequest(
    { ...wish, ...lie.carried },
    {
      privateKey: key,
      jti: lie.jti ?? randomBytes(16).toString('base64url'),
      proof,
      now: Date.now(),
    },
  )
  const request = lie.replay ?? (lie.alg ? resign(fresh, lie.alg) : fresh)
  const response = await fetch(`${lie.to ?? wish.audience}/relay/mint`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ request }),
  }).catch(() => null)
  // The environment died under way.
  if (response === null) return { status: 0, answer: null, problem: null, request }
  const { answer = null, code = null } = (await response.json()) as Record<string, string>
  return { status: response.status, answer, problem: code, request }
}

const server = createServer((incoming, outgoing) => {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.on('end', () => {
    void carry(JSON.parse(Buffer.concat(chunks).toString()) as Parcel).then((carried) =>
      outgoing.end(JSON.stringify(carried)),
    )
  })
})
server.listen(0, '127.0.0.1', () => tellReady((server.address() as AddressInfo).port))
answerParent(async () => null)
