// What it takes to know a credential, beside other libraries. Run with `pnpm run tokens`.
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createSigner, createVerifier } from 'fast-jwt'
import { verify as honoVerify } from 'hono/jwt'
import { unsealData } from 'iron-session'
import { jwtVerify, SignJWT } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import { ourSides } from './our-tokens.ts'
import { claims, ironCookie, SECRET, startBetterAuth } from './peers.ts'
import { rate } from './rate.ts'
import { interleave, table, type Check } from './rounds.ts'

const ROUNDS = 21
const ROUND_MS = 60

async function theirSides(): Promise<Record<string, Check>> {
  const token = createSigner({ key: SECRET, algorithm: 'HS256' })(claims())
  const cached = createVerifier({ key: SECRET, algorithms: ['HS256'], cache: 1_000 })
  const uncached = createVerifier({ key: SECRET, algorithms: ['HS256'], cache: false })
  const bytes = new TextEncoder().encode(SECRET)
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const signed = await new SignJWT(claims()).setProtectedHeader({ alg: 'EdDSA' }).sign(privateKey)
  const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString()
  const uncachedEd = createVerifier({ key: pem(publicKey), algorithms: ['EdDSA'], cache: false })
  const seal = (await ironCookie()).slice('iron='.length)
  const kept = await startBetterAuth(0, true)
  const asked = await startBetterAuth(0, false)
  const session =
    ({ auth, cookie }: typeof kept): Check =>
    async () => {
      if (!(await auth.api.getSession({ headers: new Headers({ cookie }) }))) throw new Error('no')
    }
  return {
    'fast-jwt, cached': () => cached(token),
    'fast-jwt, HS256': () => uncached(token),
    'jose, HS256': () => jwtVerify(token, bytes, { algorithms: ['HS256'] }),
    'jsonwebtoken, HS256': () => jsonwebtoken.verify(token, SECRET, { algorithms: ['HS256'] }),
    'hono/jwt, HS256': () => honoVerify(token, SECRET, 'HS256'),
    'jose, EdDSA': () => jwtVerify(signed, publicKey, { algorithms: ['EdDSA'] }),
    'fast-jwt, EdDSA': () => uncachedEd(signed),
    'iron-session, unseal': () => unsealData(seal, { password: SECRET }),
    'better-auth, cookie cache': session(kept),
    'better-auth, memory database': session(asked),
  }
}

const ours = await ourSides()
const sides: Record<string, Check> = { ...ours.checks, ...(await theirSides()) }
const rates = await interleave(
  Object.keys(sides),
  ROUNDS,
  (side) => rate(sides[side]!, ROUND_MS),
  (one) => one,
)
const of = (side: string): number => rates.get(side)!.median
const rows = [...rates].map(([side, { median }]) => [
  side,
  `${(median / 1_000).toFixed(1)} k/s`,
  `${(1e6 / median).toFixed(2)} µs`,
])
console.log(table([['one check', 'rate', 'time'], ...rows]))

const goals = [
  ['ours: verify, seen before', 'fast-jwt, cached', '≥ 5'],
  ['ours: guard off Node, seen before', 'fast-jwt, cached', ''],
  ['ours: HS256', 'fast-jwt, HS256', '≥ 0.8'],
  ['ours: HS256', 'jose, HS256', '≥ 3'],
  ['ours: EdDSA', 'jose, EdDSA', ''],
] as const
const ratios = goals
  .filter(([our, their]) => rates.has(our) && rates.has(their))
  .map(([our, their, goal]) => [`${our} / ${their}`, `${(of(our) / of(their)).toFixed(2)} ×`, goal])
console.log(`\n${table([['ratio', '', 'goal'], ...ratios])}`)
await ours.close()
