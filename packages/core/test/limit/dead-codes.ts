import { expect, vi } from 'vitest'
import type { IssueCode } from '../../src/bootstrap/code-request.ts'
import { sha256Base64Url } from '../../src/encoding/bytes.ts'
import type { Thumbprint } from '../../src/ids.ts'
import { MINUTE } from '../../src/time.ts'
import { secretOf } from '../kit/newcomers.ts'
import { wrongCode, type House } from '../kit/guessers.ts'

/** A code that can't be used, as typed and as a link. */
export interface DeadCode {
  why: string
  typed: string
  linked: string
}

/** One of each kind of code that nobody without its key can use, and one that nobody was given. */
export async function deadCodes(house: House): Promise<DeadCode[]> {
  const make = async (
    why: string,
    request: IssueCode<never> = {},
  ): Promise<DeadCode & { id: string }> => {
    const { code, typed, link } = await house.pair.codes.issue(request)
    return { why, typed, linked: secretOf(link), id: code.id }
  }
  const aside = '203.0.113.250'
  const long = { expiresInMs: 60 * MINUTE } as const
  const used = await make('used', long)
  await house.redeem(used.typed, aside)
  const spent = await make('used by as many as may', { ...long, uses: 2 })
  for (let count = 0; count < 2; count++) await house.redeem(spent.typed, aside)
  // That they were brought again is told once, behind the answer: from then on they are as quiet as any.
  for (const { typed } of [used, spent]) await house.redeem(typed, '203.0.113.251')
  await vi.waitFor(async () => {
    const { items } = await house.pair.audit.read({ limit: 1_000 })
    expect(items.filter(({ type }) => type === 'code.reused')).toHaveLength(2)
  })
  const revoked = await make('revoked', long)
  await house.pair.codes.revoke(revoked.id)
  const expired = await make('expired', { expiresInMs: MINUTE })
  house.clock.advance(MINUTE)
  const boundThumbprint = sha256Base64Url('the key of somebody else') as Thumbprint
  const bound = await make('bound to another key', { ...long, boundThumbprint })
  return [
    { why: 'unknown', typed: wrongCode(99), linked: 'A'.repeat(22) },
    used,
    spent,
    revoked,
    expired,
    bound,
  ]
}
