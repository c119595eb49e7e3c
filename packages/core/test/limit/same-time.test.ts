import { expect, test } from 'vitest'
import { createHouse, LOCKOUT_ONLY, networkAddress, type House } from '../kit/guessers.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { createApplicant } from '../kit/applicants.ts'
import { createVisitor } from '../kit/visitor.ts'
import { deadCodes } from './dead-codes.ts'

const ROUNDS = 400
const WARM = 60

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!
}

/** How long each takes in the middle, tried by turns and each turn in another order, beside the first of them. */
async function ratios(
  asks: readonly ((round: number) => Promise<{ status: number }>)[],
  status: number,
): Promise<number[]> {
  const taken: number[][] = asks.map(() => [])
  for (let round = 0; round < ROUNDS + WARM; round++)
    for (let turn = 0; turn < asks.length; turn++) {
      const which = (turn + round) % asks.length
      const begin = performance.now()
      const answer = await asks[which]!(round * asks.length + which)
      const end = performance.now()
      expect(answer.status).toBe(status)
      if (round >= WARM) taken[which]!.push(end - begin)
    }
  const [first = 0, ...others] = taken.map(median)
  return others.map((one) => one / first)
}

/** Far apart would show: a look-up that is left out, a signature more, is a multiple. */
function alike(values: readonly number[]): void {
  for (const value of values) {
    expect(value).toBeGreaterThan(0.6)
    expect(value).toBeLessThan(1.6)
  }
}

const from = (number: number): string => networkAddress(number)

/** Links, of which no budget is spent; typed codes take the same way. */
async function open(): Promise<House> {
  return createHouse(LOCKOUT_ONLY)
}

test.each(['preview', 'redeem'] as const)(
  'SEC-08 dead and unknown codes take the same time: %s, 2,400 tries by turns',
  async (way) => {
    const house = await open()
    const codes = await deadCodes(house)
    alike(
      await ratios(
        codes.map((code) => (number) => house[way](code.linked, from(number))),
        401,
      ),
    )
  },
  30_000,
)

test('SEC-08 so do wrong secrets of the owner, near ones and far ones, 2,000 tries by turns', async () => {
  const house = createHouse({ ...LOCKOUT_ONLY, secret: keptSecrets(), keyless: 'full' })
  const device = { label: 'A phone', kind: 'browser' }
  const { secret } = (await house.pair.ownerSecret({ origin: house.origin }))!
  const other = (at: number): string =>
    secret.slice(0, at) + (secret[at] === 'A' ? 'B' : 'A') + secret.slice(at + 1)
  const texts = [0, 10, 20, 30, 41].map(other)
  alike(
    await ratios(
      texts.map(
        (text) => (number) => house.ask('claim-owner', { secret: text, device }, from(number)),
      ),
      401,
    ),
  )
}, 30_000)

test('SEC-08 so do claims and refresh tokens that never were and those of another secret, 2,000 tries by turns each', async () => {
  const waiting = createHouse({ ...LOCKOUT_ONLY, admission: 'approval' })
  const applicant = await createApplicant(waiting, { key: null })
  await applicant.ask()
  const id = applicant.pending.claim.split('.')[0]!
  const claims = [`apr_${'A'.repeat(22)}`, id, `apr_${'B'.repeat(22)}`, id, `apr_${'C'.repeat(22)}`]
  alike(
    await ratios(
      claims.map(
        (one) => (number) =>
          waiting.ask('claim', { claim: `${one}.${'A'.repeat(43)}` }, from(number)),
      ),
      410,
    ),
  )
}, 30_000)

test('SEC-08 so do refresh tokens', async () => {
  const house = await open()
  const visitor = createVisitor(house, null, { remoteAddress: '203.0.113.77' })
  await visitor.redeem(await house.typed({ scopes: ['notes:read'] as never }), {
    transport: 'bearer',
  })
  const ids = [
    `ses_${'A'.repeat(22)}`,
    visitor.session.id,
    `ses_${'B'.repeat(22)}`,
    visitor.session.id,
  ]
  alike(
    await ratios(
      ids.map(
        (one) => (number) =>
          house.ask('renew', { refreshToken: `${one}.${'A'.repeat(43)}` }, from(number)),
      ),
      401,
    ),
  )
}, 30_000)
