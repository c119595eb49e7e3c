import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { PublicKeyJwk } from '@pair/core'
import {
  mintProofClaims,
  relay,
  signMintRequest,
  verifyMintAnswer,
  type MintAnswer,
  type MintWish,
  type RelayOptions,
} from '@pair/core/relay'
import { createProofKey, type ProofKey } from '../../session/proof-key.ts'
import type { AdapterCase, Start } from '../adapter-case.ts'
import { json, problem } from '../expected.ts'
import type { AdapterApp } from '../harness.ts'
import { authorized } from '../settled.ts'
import type { Answer, Call } from '../send.ts'
import type { Site } from '../site.ts'
import { redemption } from '../visitor.ts'

const AUDIENCE = 'https://home.example/auth'

type Wish = Readonly<MintWish>

/** A relay, a client behind it, and the server in front of which the relay stands. */
interface Hub {
  site: Site
  client: ProofKey
  /** A fresh request of the client's, carried by the relay. */
  request(): Promise<{ request: string; wish: Wish }>
  /** What an answer says to the client that wished it. */
  open(answer: Answer, wish: Wish): Promise<MintAnswer | null>
}

const once = (): string => randomBytes(16).toString('base64url')
const mint = (request: string): Call => ({ path: '/auth/relay/mint', body: { request } })
const minted = json(200, { answer: '<token>' })

async function startHub(
  start: Start,
  bodyParser: AdapterApp['bodyParser'],
  authorize: boolean,
): Promise<Hub> {
  const privateKey = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const { kty = '', crv = '', x = '' } = privateKey as Record<string, string>
  const relays = [{ id: 'hub', publicKey: { kty, crv, x }, authorize }]
  const options: RelayOptions = { audience: AUDIENCE, relays }
  const site = await start({ bodyParser, options: { extensions: [relay(options)] } })
  const client = await createProofKey()
  return {
    site,
    client,
    async request() {
      const wish: Wish = {
        audience: AUDIENCE,
        relayId: 'hub',
        nonce: once(),
        requestedAt: Math.floor(site.now() / 1_000),
        device: { label: 'A phone', kind: 'browser', publicKey: client.publicKey },
        scopes: ['notes:read'],
      }
      const { htm, htu, bodyHash } = mintProofClaims(wish)
      const at = site.now()
      const proof = await client.prove({
        method: htm,
        url: new URL(htu),
        at,
        claims: { bodyHash },
      })
      const request = await signMintRequest(wish, {
        privateKey: privateKey as Parameters<typeof signMintRequest>[1]['privateKey'],
        jti: once(),
        proof,
        now: at,
      })
      return { request, wish }
    },
    async open(answer, { nonce }) {
      const environmentKeys = (await site.send({ path: '/auth/jwks.json' })).body
      return verifyMintAnswer((answer.body as unknown as { answer: string }).answer, {
        environmentKeys: environmentKeys as unknown as { keys: PublicKeyJwk[] },
        environment: AUDIENCE,
        relayId: 'hub',
        nonce,
        thumbprint: await thumbprintOf(client.publicKey),
        now: site.now(),
      })
    },
  }
}

/** RFC 7638. */
async function thumbprintOf({ crv, kty, x, y }: PublicKeyJwk & { y?: string }): Promise<string> {
  const text = JSON.stringify({ crv, kty, x, ...(y === undefined ? {} : { y }) })
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Buffer.from(digest).toString('base64url')
}

const withParser = (bodyParser: 'none' | 'json'): readonly AdapterCase[] => {
  const where = bodyParser === 'none' ? 'that is ours to read' : 'that a body parser read before us'
  return [
    {
      name: `APP-18 NET-03 a relay’s request in a body ${where} is answered once, with a code for its client’s key alone`,
      async holds(start) {
        const { site, client, request, open } = await startHub(start, bodyParser, true)
        const carried = await request()
        const answer = await site.ask(mint(carried.request), minted)
        await site.ask(mint(carried.request), problem(401, 'relay_refused'))
        const way = await open(answer, carried.wish)
        strictEqual(way?.status, 'authorized')
        const code = way?.status === 'authorized' ? way.code : ''
        await site.ask(
          (await redemption(site, code, { transport: 'dpop' })).call,
          problem(401, 'code_invalid'),
        )
        await site.ask((await redemption(site, code)).call, problem(401, 'code_invalid'))
        const own = { transport: 'dpop', label: 'A phone', key: client } as const
        const settled = { transport: 'dpop', label: 'A phone', scopes: ['notes:read'] } as const
        await site.ask((await redemption(site, code, own)).call, json(200, authorized(settled)))
      },
    },
    {
      name: `APP-18 NET-03 what is no request of a relay in a body ${where} is one refusal`,
      async holds(start) {
        const { site, request } = await startHub(start, bodyParser, true)
        const carried = await request()
        const [head = '', body = '', signature = ''] = carried.request.split('.')
        for (const text of ['', 'x', `${head}.${body}.`, `${head}.${body}.${signature}.`])
          await site.ask(mint(text), problem(401, 'relay_refused'))
        await site.ask(mint('x'.repeat(4_097)), problem(400, 'invalid_request'))
        await site.ask({ path: '/auth/relay/mint', body: {} }, problem(400, 'invalid_request'))
        await site.ask(mint(carried.request), minted)
        const late = await request()
        site.pass(400_000)
        await site.ask(mint(late.request), problem(401, 'relay_refused'))
      },
    },
  ]
}

/** Ways in that a relay carries. */
export const relayCases: readonly AdapterCase[] = [
  ...withParser('none'),
  ...withParser('json'),
  {
    name: 'APP-18 a server tells relays how it is called, and where its answer waits for a person it holds no code',
    async holds(start) {
      const { site, request, open } = await startHub(start, 'none', false)
      await site.ask(
        { path: '/auth/relay' },
        json(200, { audience: AUDIENCE, maxAgeSeconds: 300, time: '<time>' }),
      )
      await site.ask(mint((await request()).request), problem(403, 'admission_refused'))
      await site.pair.admission.set('approval')
      const carried = await request()
      const way = await open(await site.ask(mint(carried.request), minted), carried.wish)
      strictEqual(way?.status, 'pending')
      const { items } = await site.pair.approvals.list()
      deepStrictEqual(
        items.map(({ origin, label, scopes }) => [origin, label, scopes]),
        [['relay:hub', 'A phone', ['notes:read']]],
      )
    },
  },
]
