import { generateProof } from 'dpop'
import * as stock from 'oauth4webapi'
import * as openid from 'openid-client'
import { expect, test } from 'vitest'
import { fixedClock, type FixedClock } from '@pair/testkit/app'
import type { ApprovalItemWire } from '../../src/http/approval-wire.ts'
import { oauth } from '../../src/oauth.ts'
import type { Pair } from '../../src/pair.ts'
import type { PairOptions } from '../../src/pair-options.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { SECOND } from '../../src/time.ts'
import type { Keyed } from '../kit/edge.ts'
import { CLIENT } from './desk.ts'

// OAuth clients of others, as they are published, over the network: what they send and expect is not of our making.

/** A real server in front of that instance. */
export interface Site {
  pair: Pick<Pair, 'admission'>
  origin: string
  owner(): Promise<Keyed>
}

export type Options = Pick<PairOptions, 'clock' | 'extensions' | 'keyless' | 'store'>

interface Stage extends Site {
  clock: FixedClock
  /** The owner types what the device shows, and lets it in. */
  letIn(userCode: string): Promise<void>
  /** As whom a guarded route knows who brings these headers. */
  known(headers: Record<string, string>): Promise<unknown>
}

/** Two stock clients go all the way, on a server that `start` starts for each test. `GET /notes` there needs `notes:read`. */
export function testStockClients(start: (options: Options) => Promise<Site>): void {
  async function open(keyless: 'limited' | 'full' = 'limited'): Promise<Stage> {
    const clock = fixedClock(Math.floor(Date.now() / SECOND) * SECOND)
    const site = await start({
      clock,
      keyless,
      store: memoryStore({ clock }),
      extensions: [oauth({ clients: [CLIENT] })],
    })
    const owner = await site.owner()
    await site.pair.admission.set('approval')
    return {
      ...site,
      clock,
      async letIn(userCode) {
        const found = await owner.call('/auth/device', { body: { userCode } })
        const { id, digest } = found.body as ApprovalItemWire
        const body = { digest, userCode }
        const { status } = await owner.call(`/auth/approvals/${id}/approve`, { body })
        expect(status).toBe(200)
      },
      known: async (headers) => (await fetch(`${site.origin}/notes`, { headers })).json(),
    }
  }

  test('oauth4webapi finds the server, is told to slow down, and is let in', async () => {
    const { origin, clock, letIn, known } = await open('full')
    const insecure = { [stock.allowInsecureRequests]: true } as const
    const issuer = new URL(`${origin}/auth`)
    const found = await stock.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
    const as = await stock.processDiscoveryResponse(issuer, found)
    const client: stock.Client = { client_id: CLIENT.id }
    const none = stock.None()
    const asked = await stock.deviceAuthorizationRequest(as, client, none, {}, insecure)
    const shown = await stock.processDeviceAuthorizationResponse(as, client, asked)
    expect(shown.verification_uri).toBe(`${origin}/device`)

    const poll = async (): Promise<stock.TokenEndpointResponse | string> => {
      const { device_code } = shown
      const answer = await stock.deviceCodeGrantRequest(as, client, none, device_code, insecure)
      return stock.processDeviceCodeResponse(as, client, answer).catch((error: unknown) => {
        if (error instanceof stock.ResponseBodyError) return error.error
        throw error
      })
    }
    let interval = shown.interval!
    const told: unknown[] = []
    for (const pause of [0, 1, 10, 5]) {
      clock.advance(pause * SECOND)
      const answer = await poll()
      if (answer === 'slow_down') interval += 5
      told.push([answer, interval])
    }
    expect(told).toEqual([
      ['authorization_pending', 5],
      ['slow_down', 10],
      ['authorization_pending', 10],
      ['slow_down', 15],
    ])
    await letIn(shown.user_code)
    const token = await poll()
    if (typeof token === 'string') throw new Error(token)
    expect(token.token_type).toBe('bearer')
    expect(await known({ authorization: `Bearer ${token.access_token}` })).toBe(CLIENT.label)

    const again = await stock.refreshTokenGrantRequest(
      as,
      client,
      none,
      token.refresh_token!,
      insecure,
    )
    const renewed = await stock.processRefreshTokenResponse(as, client, again)
    expect(await known({ authorization: `Bearer ${renewed.access_token}` })).toBe(CLIENT.label)
  })

  test('POP-01 oauth4webapi is let in by its key, and renews by that', async () => {
    const { origin, letIn, known } = await open()
    const insecure = { [stock.allowInsecureRequests]: true } as const
    const issuer = new URL(`${origin}/auth`)
    const found = await stock.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
    const as = await stock.processDiscoveryResponse(issuer, found)
    const client: stock.Client = { client_id: CLIENT.id }
    const keys = await stock.generateKeyPair('ES256')
    const DPoP = stock.DPoP(client, keys)
    const signed = { DPoP, ...insecure }
    const none = stock.None()
    const proof = await generateProof(keys, as.device_authorization_endpoint!, 'POST')
    const headers = new Headers({ dpop: proof })
    const asked = await stock.deviceAuthorizationRequest(
      as,
      client,
      none,
      {},
      { headers, ...insecure },
    )
    const { device_code, user_code } = await stock.processDeviceAuthorizationResponse(
      as,
      client,
      asked,
    )
    await letIn(user_code)
    const answer = await stock.deviceCodeGrantRequest(as, client, none, device_code, signed)
    const token = await stock.processDeviceCodeResponse(as, client, answer)
    expect(token.token_type).toBe('dpop')
    const again = await stock.refreshTokenGrantRequest(
      as,
      client,
      none,
      token.refresh_token!,
      signed,
    )
    const { access_token } = await stock.processRefreshTokenResponse(as, client, again)
    const notes = new URL(`${origin}/notes`)
    const read = await stock.protectedResourceRequest(
      access_token,
      'GET',
      notes,
      new Headers(),
      null,
      signed,
    )
    expect(await read.json()).toBe(CLIENT.label)
    expect(await known({ authorization: `Bearer ${access_token}` })).not.toBe(CLIENT.label)
  })

  test(
    'openid-client polls by itself: told to slow down it waits five seconds longer, and is let in',
    { timeout: 30_000 },
    async () => {
      const { origin, clock, letIn, known } = await open()
      const polls: { at: number; told: unknown }[] = []
      let userCode = ''
      const config = await openid.discovery(
        new URL(`${origin}/auth`),
        CLIENT.id,
        undefined,
        openid.None(),
        {
          algorithm: 'oauth2',
          execute: [openid.allowInsecureRequests],
          async [openid.customFetch](url, options) {
            const answer = await fetch(url, options as RequestInit)
            if (!url.endsWith('/token')) return answer
            const { error = 'in' } = (await answer.clone().json()) as { error?: string }
            polls.push({ at: performance.now(), told: error })
            if (error === 'slow_down') {
              clock.advance(10 * SECOND)
              await letIn(userCode)
            }
            return answer
          },
        },
      )
      const shown = await openid.initiateDeviceAuthorization(config, { scope: 'notes:read' })
      userCode = shown.user_code
      // It would wait for five seconds at first: the clock of the server stands, so any time is too soon.
      const token = await openid.pollDeviceAuthorizationGrant(config, { ...shown, interval: 0.05 })
      expect(polls.map(({ told }) => told)).toEqual(['authorization_pending', 'slow_down', 'in'])
      expect(polls[2]!.at - polls[1]!.at).toBeGreaterThan(5_000)
      expect(token.scope).toBe('notes:read')
      expect(await known({ authorization: `Bearer ${token.access_token}` })).toBe(CLIENT.label)
    },
  )

  test('openid-client hears that it was turned away', async () => {
    const { origin, pair } = await open()
    const config = await openid.discovery(
      new URL(`${origin}/auth`),
      CLIENT.id,
      undefined,
      openid.None(),
      {
        algorithm: 'oauth2',
        execute: [openid.allowInsecureRequests],
      },
    )
    const shown = await openid.initiateDeviceAuthorization(config, {})
    await pair.admission.set('closed')
    await expect(
      openid.pollDeviceAuthorizationGrant(config, { ...shown, interval: 0.05 }),
    ).rejects.toMatchObject({ error: 'access_denied' })
    await expect(openid.initiateDeviceAuthorization(config, {})).rejects.toMatchObject({
      error: 'unauthorized_client',
    })
  })
}
