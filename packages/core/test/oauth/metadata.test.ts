import { describe, expect, test } from 'vitest'
import type { PairOptions } from '../../src/pair-options.ts'
import { oauth } from '../../src/oauth.ts'
import { createEdge, type Answer, type Edge } from '../kit/edge.ts'
import { CLIENT } from './desk.ts'

const WELL_KNOWN = '/.well-known/oauth-authorization-server'

function open(options: Partial<PairOptions> = {}): Edge {
  return createEdge({
    extensions: [oauth({ clients: [CLIENT] })],
    admission: 'approval',
    ...options,
  })
}

async function shown(
  { call }: Edge,
  headers: Record<string, string> = {},
  at?: string,
): Promise<Answer> {
  const body = `client_id=${CLIENT.id}`
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  return call('/auth/device_authorization', {
    body,
    headers: { ...type, ...headers },
    ...(at === undefined ? {} : { at }),
  })
}

describe('the metadata', () => {
  test('NET-04 stands before the path of the issuer, and says what there is', async () => {
    const { status, body } = await open().call(`${WELL_KNOWN}/auth`)
    expect(status).toBe(200)
    expect(body).toEqual({
      issuer: 'http://localhost:3000/auth',
      device_authorization_endpoint: 'http://localhost:3000/auth/device_authorization',
      token_endpoint: 'http://localhost:3000/auth/token',
      jwks_uri: 'http://localhost:3000/auth/jwks.json',
      scopes_supported: ['notes:read', 'notes:write', 'access:read', 'access:write'],
      response_types_supported: [],
      grant_types_supported: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      token_endpoint_auth_methods_supported: ['none'],
      dpop_signing_alg_values_supported: expect.arrayContaining(['ES256', 'Ed25519', 'EdDSA']),
    })
  })

  test('NET-04 follows the base path and the public URL, and the page of codes too', async () => {
    const edge = open({ basePath: '/pair/auth', publicUrl: 'https://home.example/notes' })
    const headers = { host: 'home.example' }
    const info = { encrypted: true }
    for (const path of [`${WELL_KNOWN}/notes/pair/auth`, `${WELL_KNOWN}/pair/auth`]) {
      const { body } = await edge.call(path, { headers, info })
      expect(body.issuer).toBe('https://home.example/notes/pair/auth')
      expect(body.token_endpoint).toBe('https://home.example/notes/pair/auth/token')
    }
    const asked = await edge.call('/pair/auth/device_authorization', {
      body: `client_id=${CLIENT.id}`,
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      info,
    })
    expect(asked.body.verification_uri).toBe('https://home.example/notes/device')
    // By the host that it is asked at, where that is another.
    expect((await edge.call(`${WELL_KNOWN}/pair/auth`)).body.issuer).toBe(
      'http://localhost:3000/pair/auth',
    )
  })

  test('NET-02 is not made of a host that nobody declared', async () => {
    const edge = open()
    const headers = { host: 'evil.example' }
    for (const answer of [
      await edge.call(`${WELL_KNOWN}/auth`, { headers }),
      await shown(edge, headers),
    ])
      expect([answer.status, answer.body.code]).toEqual([403, 'host_refused'])
    const forwarded = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
    expect((await shown(edge, forwarded)).body.verification_uri).toBe(
      'http://localhost:3000/device',
    )
  })

  test('NET-04 is at its own path alone: nothing is below the base path, or with a slash too many', async () => {
    for (const basePath of ['/auth', '/.well-known']) {
      const edge = open({ basePath })
      const path = WELL_KNOWN + basePath
      expect((await edge.call(path)).status).toBe(200)
      for (const other of [basePath + path, `${basePath}/${path}`, `${basePath}//jwks.json`]) {
        const { status, body } = await edge.call(other)
        expect([other, status, body.code]).toEqual([other, 404, 'not_found'])
      }
    }
  })

  test('nothing else of the well-known paths is taken', () => {
    const { owns } = open().pair
    expect(owns(`${WELL_KNOWN}/auth`)).toBe(true)
    for (const path of [
      WELL_KNOWN,
      `${WELL_KNOWN}/`,
      `${WELL_KNOWN}/other`,
      `${WELL_KNOWN}/auth/x`,
    ])
      expect([path, owns(path)]).toEqual([path, false])
  })
})
