import { describe, expect, test } from 'vitest'
import {
  digestOf,
  readPendingProof,
  signPendingProof,
  toOpened,
  toPending,
} from '../../src/approval/approval-crypto.ts'
import type { ApprovalTerms } from '../../src/approval/approval.ts'
import { MINUTE, SECOND } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { keysFrom } from '../kit/keys.ts'
import { approvedOf, pendingOf } from '../kit/requests.ts'

const keys = keysFrom('a secret of this test, long enough for a key')
const id = `apr_${'A'.repeat(22)}` as const
const FACTS = { nonce: 'n', jti: 'jti', now: NOON + 500 }

/** The claims of a good proof, with some of them changed. */
const claims = (over: object = {}): object => ({
  iss: keys.instance,
  aud: keys.instance,
  sub: id,
  state: 'pending',
  requestedAt: '2026-11-22T12:00:00.000Z',
  iat: NOON / SECOND,
  exp: NOON / SECOND + 600,
  jti: 'jti',
  nonce: 'n',
  cnf: { jkt: 'k'.repeat(43) },
  ...over,
})
const readAt = async (over: object, now = NOON): Promise<unknown> =>
  readPendingProof(keys, await keys.sign('approval', claims(over)), now)

const SAID = {
  approvalId: id,
  state: 'pending',
  requestedAt: '2026-11-22T12:00:00.000Z',
  thumbprint: 'k'.repeat(43),
  nonce: 'n',
  expiresAt: NOON + 10 * MINUTE,
}

describe('the proof of a request that waits', () => {
  test('APP-02 says what stands in the record, in whole seconds', async () => {
    const text = await signPendingProof(keys, pendingOf({ id }), FACTS)
    expect(await keys.verify('approval', text)).toEqual(claims())
    const odd = pendingOf({ id, expiresAt: NOON + 1_500, thumbprint: null })
    const bare = await signPendingProof(keys, odd, { ...FACTS, nonce: null })
    const {
      nonce: _,
      cnf: __,
      ...rest
    } = claims({ exp: NOON / SECOND + 2 }) as Record<string, unknown>
    expect(await keys.verify('approval', bare)).toEqual(rest)
  })

  test('APP-02 says of one that was approved until when it may be collected', async () => {
    const text = await signPendingProof(keys, approvedOf({ id }), FACTS)
    expect(await readPendingProof(keys, text, NOON)).toEqual({
      ...SAID,
      state: 'approved',
      expiresAt: NOON + 6 * MINUTE,
    })
  })

  test('APP-02 is read as it was signed, with or without key and nonce', async () => {
    expect(await readAt({})).toEqual(SAID)
    expect(await readAt({ nonce: undefined })).toEqual({ ...SAID, nonce: null })
    expect(await readAt({ cnf: undefined })).toEqual({ ...SAID, thumbprint: null })
  })

  test('APP-02 holds until its last millisecond, and from when it was made', async () => {
    expect(await readAt({}, NOON + 10 * MINUTE - 1)).toEqual(SAID)
    expect(await readAt({}, NOON + 10 * MINUTE)).toBeNull()
    expect(await readAt({}, NOON - 15 * SECOND)).toEqual(SAID)
    expect(await readAt({}, NOON - 15 * SECOND - 1)).toBeNull()
  })

  test('APP-02 that our key signed is still none where a claim is not what it should be', async () => {
    for (const over of [
      { iss: 'other' },
      { aud: 'other' },
      { state: 'rejected' },
      { state: undefined },
      { sub: 'apr_short' },
      { sub: `cod_${'A'.repeat(22)}` },
      { sub: 7 },
      { requestedAt: 7 },
      { exp: '9999999999' },
      { iat: '0' },
      { nonce: 7 },
      { cnf: null },
      { cnf: {} },
      { cnf: { jkt: 'short' } },
      { cnf: { jkt: 7 } },
    ])
      expect(await readAt(over), JSON.stringify(over)).toBeNull()
  })

  test('APP-02 is none where another key signed, or nobody', async () => {
    const others = keysFrom('another secret of this test, long enough for a key')
    expect(await readPendingProof(keys, await others.sign('approval', claims()), NOON)).toBeNull()
    expect(await readPendingProof(keys, await keys.sign('session', claims()), NOON)).toBeNull()
    expect(await readPendingProof(keys, 'a.b.c', NOON)).toBeNull()
  })
})

describe('what who asked is handed', () => {
  const { label, scopes, requestedAt, matchCode, expiresAt } = pendingOf()
  const shown = { id, matchCode, label, scopes, requestedAt, expiresAt }

  test('APP-02 holds no credential: what was asked, a claim and the proof', async () => {
    const handed = { claim: 'claim', cookie: null }
    const { proof, ...rest } = await toPending(keys, pendingOf({ id }), handed, FACTS)
    expect(rest).toEqual({ status: 'pending', approval: shown, claim: 'claim', cookie: null })
    expect(await readPendingProof(keys, proof, NOON)).toEqual(SAID)
    expect(await toPending(keys, approvedOf({ id }), handed, FACTS)).toMatchObject({
      approval: { ...shown, expiresAt: NOON + 6 * MINUTE },
    })
  })

  test('APP-11 is the claim by its id, and a cookie where there is no key', async () => {
    const drawn = {
      id,
      nonce: 'nonce',
      matchCode,
      claim: { text: 'secret', hash: 'hash' },
      cookie: { text: 'cookie', hash: 'hash' },
      jti: 'jti',
    }
    const times = { nonce: 'n', now: NOON, collectMs: 5 * MINUTE }
    const { proof, ...rest } = await toOpened(keys, pendingOf({ id }), drawn, times)
    expect(rest).toEqual({
      status: 'pending',
      approval: shown,
      claim: `${id}.secret`,
      cookie: { text: 'cookie', expiresAt: NOON + 15 * MINUTE },
    })
    expect(await keys.verify('approval', proof)).toEqual(claims())
    const keyed = await toOpened(keys, pendingOf({ id }), { ...drawn, cookie: null }, times)
    expect(keyed.cookie).toBeNull()
  })
})

describe('the digest', () => {
  const digest = (terms: Partial<ApprovalTerms> = {}): string => digestOf(keys, pendingOf(terms))

  test('APP-07 is that of all that is shown, and of nothing else', () => {
    expect(digest()).toMatch(/^[\w-]{43}$/)
    expect(digest({ claimHash: 'x', cookieHash: 'x', changes: 7, expiresAt: 0 })).toBe(digest())
    const changes: Partial<ApprovalTerms>[] = [
      { id: 'apr_two' },
      { nonce: 'other' },
      { matchCode: '000 000' },
      { label: 'Other' },
      { kind: 'agent' },
      { thumbprint: null },
      { origin: null },
      { address: null },
      { transport: 'cookie' },
      { subject: 'guest' },
      { scopes: ['notes:read'] },
      { data: null },
      { life: { slidingMs: null, absoluteMs: null } },
      { codeId: 'cod_one' },
    ]
    const all = changes.map(digest)
    expect(new Set([digest(), ...all]).size).toBe(changes.length + 1)
    expect(digestOf({ instance: 'other' }, pendingOf())).not.toBe(digest())
  })

  test('APP-07 is the same on every instance and in every version', () => {
    expect(digestOf({ instance: '0a1b2c3d' }, pendingOf())).toBe(
      'oDURGDbWJfbyqele8ONzJS8zZZbYiqGCLXD6tuYvUbw',
    )
  })
})
