import { describe, expect, test } from 'vitest'
import { utf8 } from '../../src/encoding/bytes.ts'
import { deriveKeys } from '../../src/token/keys-crypto.ts'
import { signToken } from '../../src/token/token-crypto.ts'
import { createApplicant, openDoor, seen } from '../kit/applicants.ts'
import { ORIGIN, SECRET, startServer } from '../kit/server.ts'

/** The payload of a signed text. */
function claimsOf(text: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString()) as Record<
    string,
    unknown
  >
}

/** The same text, saying something else under its old signature. */
function altered(text: string, change: Record<string, unknown>): string {
  const [header, , signature] = text.split('.')
  const claims = JSON.stringify({ ...claimsOf(text), ...change })
  return [header, Buffer.from(claims).toString('base64url'), signature].join('.')
}

describe('APP-02 the proof of a request that waits', () => {
  async function waiting(nonce?: string): Promise<{
    server: Awaited<ReturnType<typeof openDoor>>['server']
    phone: Awaited<ReturnType<typeof createApplicant>>
    proof: string
  }> {
    const { server } = await openDoor()
    const phone = await createApplicant(server)
    await phone.ask(nonce === undefined ? {} : { nonce })
    return { server, phone, proof: phone.pending.proof }
  }

  test('APP-02 says id, state, time, key and nonce, as they stand in the record', async () => {
    const { server, phone, proof } = await waiting('n-0123')
    const { requestedAt, thumbprint } = await seen(server, phone)
    expect(await server.pair.approvals.readProof(proof)).toEqual({
      approvalId: phone.pending.approval.id,
      state: 'pending',
      requestedAt: new Date(requestedAt).toISOString(),
      thumbprint,
      nonce: 'n-0123',
      expiresAt: server.clock() + 600_000,
    })
    expect(thumbprint).toBe(phone.key!.thumbprint)
    const { proof: again } = (await phone.collect({ nonce: 'n-4567' })).body
    expect(await server.pair.approvals.readProof(String(again))).toMatchObject({ nonce: 'n-4567' })
    expect(claimsOf(String(again)).jti).not.toBe(claimsOf(proof).jti)
  })

  test('APP-02 fails when its requestedAt, or anything else that it says, was changed', async () => {
    const { server, proof } = await waiting('n-0123')
    const { readProof } = server.pair.approvals
    const claims = claimsOf(proof)
    expect(Object.keys(claims).sort()).toEqual(
      ['aud', 'cnf', 'exp', 'iat', 'iss', 'jti', 'nonce', 'requestedAt', 'state', 'sub'].sort(),
    )
    // the change alone is what makes it fail
    expect(await readProof(altered(proof, {}))).not.toBeNull()
    const later = new Date(server.clock() + 1).toISOString()
    expect(await readProof(altered(proof, { requestedAt: later }))).toBeNull()
    for (const name of Object.keys(claims)) {
      const other = typeof claims[name] === 'number' ? claims[name] + 1 : `${String(claims[name])}x`
      expect(await readProof(altered(proof, { [name]: other })), name).toBeNull()
      expect(await readProof(altered(proof, { [name]: undefined })), name).toBeNull()
    }
    expect(await readProof(altered(proof, { more: 1 }))).toBeNull()
  })

  test('APP-02 holds with no other server, and not for longer than the request waits', async () => {
    const { server, proof } = await waiting()
    const { readProof } = server.pair.approvals
    for (const other of [{ secret: `${SECRET} of another` }, { namespace: 'other' }]) {
      const { pair } = startServer({ store: server.store, clock: server.clock, ...other })
      expect(await pair.approvals.readProof(proof)).toBeNull()
    }
    const replica = startServer({ store: server.store, clock: server.clock })
    expect(await replica.pair.approvals.readProof(proof)).not.toBeNull()
    server.clock.advance(599_999)
    expect(await readProof(proof)).not.toBeNull()
    server.clock.advance(1)
    expect(await readProof(proof)).toBeNull()
  })

  test('APP-02 is not read from what is none', async () => {
    const { server, phone, proof } = await waiting()
    const { readProof } = server.pair.approvals
    const [header, payload, signature] = proof.split('.')
    for (const text of [
      '',
      'null',
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `${proof}.${signature}`,
      ` ${proof}`,
      `${proof}=`,
      phone.pending.claim,
      await phone.key!.prove({ htm: 'POST', htu: `${ORIGIN}/auth/claim`, at: server.clock() }),
      await phone.key!.sign({ alg: 'HS256', typ: 'pair-approval+jwt' }, claimsOf(proof)),
      [
        Buffer.from('{"alg":"none","typ":"pair-approval+jwt"}').toString('base64url'),
        payload,
        signature,
      ].join('.'),
    ])
      expect(await readProof(text), text).toBeNull()
  })

  test('APP-02 is of its own kind, and says just that: what this server signed otherwise is none', async () => {
    const { server, proof } = await waiting('n-0123')
    const header = JSON.parse(Buffer.from(proof.split('.')[0]!, 'base64url').toString()) as object
    expect(header).toMatchObject({ alg: 'HS256', typ: 'pair-approval+jwt' })
    const { approval, session } = deriveKeys(utf8(SECRET), 'pair')
    const claims = claimsOf(proof)
    const { readProof } = server.pair.approvals
    expect(await readProof(signToken(approval, claims))).not.toBeNull()
    expect(await readProof(signToken(session, claims))).toBeNull()
    for (const other of [
      { iss: 'another' },
      { aud: 'another' },
      { state: 'rejected' },
      { state: 'collected' },
      { state: undefined },
      { sub: 'ses_AAAAAAAAAAAAAAAAAAAAAA' },
      { sub: 7 },
      { requestedAt: server.clock() },
      { exp: '9999999999' },
      { nonce: 7 },
      { cnf: null },
      { cnf: { jkt: 'short' } },
    ])
      expect(await readProof(signToken(approval, { ...claims, ...other }))).toBeNull()
  })
})
