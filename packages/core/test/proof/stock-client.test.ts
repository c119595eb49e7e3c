import { generateKeyPair, generateProof, type KeyPair } from 'dpop'
import * as oauth from 'oauth4webapi'
import { fixedClock } from '@pair/testkit/app'
import { describe, expect, test } from 'vitest'
import { sha256Base64Url } from '../../src/encoding/bytes.ts'
import { canonicalJson } from '../../src/encoding/canonical-json.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'

// DPoP clients of others, as they are published: what they send and expect is not of our making.

const APP = `${ORIGIN}/app/notes`

interface Site {
  server: Server
  /** The platform's fetch, for requests to this server: our routes, and one of the app's behind a guard. */
  fetch(url: string, init: RequestInit): Promise<Response>
  /** How many requests came. */
  asked(): number
}

/** A server whose clock is ahead of that of everything else here; milliseconds. */
function openSite(aheadMs: number): Site {
  const clock = fixedClock(Math.floor(Date.now() / 1_000) * 1_000 + aheadMs)
  const server = startServer({ clock })
  let asked = 0
  return {
    server,
    asked: () => asked,
    async fetch(url, init) {
      asked++
      const request = new Request(url, init)
      const ours = await server.pair.handler(request.clone())
      if (ours) return ours
      const guarded = await server.pair.guard(request, undefined, { proof: 'required' })
      return guarded.ok ? Response.json({ for: guarded.auth.session.id }) : guarded.response
    },
  }
}

/** Pairs by `dpop` alone: its proof takes the claim `bodyHash`, and its nonce. Answers the access token. */
async function pairBy({ server, fetch }: Site, keys: KeyPair): Promise<string> {
  const { typed } = await server.pair.codes.issue({ origin: ORIGIN, scopes: ['notes:read'] })
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', keys.publicKey)
  const publicKey = { kty, crv, x, ...(y === undefined ? {} : { y }) }
  const device = { label: 'Of another make', kind: 'agent', publicKey }
  const body = { code: typed, device, transport: 'dpop' }
  const url = `${ORIGIN}/auth/redeem`
  const bodyHash = sha256Base64Url(canonicalJson(body))
  const send = async (nonce?: string): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        dpop: await generateProof(keys, url, 'POST', nonce, undefined, { bodyHash }),
      },
      body: JSON.stringify(body),
    })
  const first = await send()
  const nonce = first.headers.get('dpop-nonce')
  const answer = first.status === 401 && nonce !== null ? await send(nonce) : first
  if (answer.status !== 200) throw new Error(await answer.text())
  return ((await answer.json()) as { accessToken: string }).accessToken
}

describe.each(['ES256', 'Ed25519'] as const)('with %s', (alg) => {
  test('POP-01 the library dpop pairs a device and uses a guarded route', async () => {
    const site = openSite(0)
    const keys = await generateKeyPair(alg)
    const token = await pairBy(site, keys)
    expect(site.asked()).toBe(1)
    const send = async (proof: string): Promise<number> =>
      (await site.fetch(APP, { headers: { authorization: `DPoP ${token}`, dpop: proof } })).status
    const proof = await generateProof(keys, APP, 'GET', undefined, token)
    expect(await send(proof)).toBe(200)
    expect(await send(proof)).toBe(401)
    expect(await send(await generateProof(keys, APP, 'GET'))).toBe(401)
    expect(await send(await generateProof(keys, APP, 'POST', undefined, token))).toBe(401)
  })

  test.each([
    ['an hour behind', 3_600_000],
    ['an hour ahead', -3_600_000],
  ])(
    'POP-03 the library oauth4webapi copes with a clock %s by its own handling of nonces',
    async (_, aheadMs) => {
      const site = openSite(aheadMs)
      const keys = await generateKeyPair(alg)
      const token = await pairBy(site, keys)
      expect(site.asked()).toBe(2)
      const dpop = oauth.DPoP({}, keys)
      const call = (method: string, url: string, body?: string): Promise<Response> =>
        oauth.protectedResourceRequest(
          token,
          method,
          new URL(url),
          new Headers(body === undefined ? {} : { 'content-type': 'application/json' }),
          body,
          {
            DPoP: dpop,
            // Plain http on the loopback.
            [oauth.allowInsecureRequests]: true,
            [oauth.customFetch]: (to, init) => site.fetch(to, init as RequestInit),
          },
        )
      const failed: unknown = await call('GET', APP).catch((error: unknown) => error)
      expect(oauth.isDPoPNonceError(failed)).toBe(true)
      // It has kept the nonce of the refusal.
      const answer = await call('GET', APP)
      expect([answer.status, await answer.json()]).toMatchObject([200, { for: /^ses_/ }])
      const before = site.asked()
      expect((await call('GET', `${APP}?page=2`)).status).toBe(200)
      expect((await call('POST', `${ORIGIN}/auth/tickets`, '{"for":"stream"}')).status).toBe(200)
      expect(site.asked()).toBe(before + 2)
      // Five minutes on the nonce has run out: told once, and gone on with.
      site.server.clock.advance(300_001)
      await expect(call('GET', APP)).rejects.toSatisfy(oauth.isDPoPNonceError)
      expect((await call('GET', APP)).status).toBe(200)
    },
  )

  test('POP-01 the library oauth4webapi verifies what our guard takes: thumbprint and binding agree', async () => {
    const site = openSite(0)
    const keys = await generateKeyPair(alg)
    const token = await pairBy(site, keys)
    const dpop = oauth.DPoP({}, keys)
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as {
      cnf: { jkt: string }
    }
    expect(await dpop.calculateThumbprint()).toBe(claims.cnf.jkt)
  })
})
