import { describe, expect, test } from 'vitest'
import { STORES } from '../kit/stores.ts'
import { createApplicant } from '../kit/applicants.ts'
import { counting, type Counting, type StoreCall } from '../kit/counting.ts'
import { addressOf, createHouse, LOCKOUT_ONLY, type House } from '../kit/guessers.ts'
import type { Answer, LoggedOptions } from '../kit/newcomers.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { createVisitor } from '../kit/visitor.ts'
import { deadCodes } from './dead-codes.ts'

interface Seen {
  status: number
  headers: [string, string][]
  text: string
  calls: StoreCall[]
}

describe.each(STORES)('on $name', (store) => {
  function open(options: LoggedOptions = {}): House & { counted: Counting } {
    const counted = counting(store.open())
    return { ...createHouse({ ...LOCKOUT_ONLY, ...options, store: counted.store }), counted }
  }

  /** What a stranger and the store see of it. */
  async function seen(
    { counted }: { counted: Counting },
    ask: () => Promise<Pick<Answer, 'status' | 'headers' | 'text'>>,
  ): Promise<Seen> {
    counted.clear()
    const { status, headers, text } = await ask()
    return { status, headers: [...headers], text, calls: [...counted.calls] }
  }

  test.each(['typed', 'linked'] as const)(
    'SEC-08 CODE-04 used, revoked, expired, bound and unknown codes (%s) are one answer to the letter, by the same calls of the store',
    async (form) => {
      const house = open()
      const codes = await deadCodes(house)
      let address = 0
      for (const way of ['preview', 'redeem'] as const) {
        const all = []
        for (const code of codes)
          all.push({
            why: code.why,
            ...(await seen(house, () => house[way](code[form], addressOf(++address)))),
          })
        const [{ why: _, ...unknown }] = all as [(typeof all)[0]]
        expect([unknown.status, JSON.parse(unknown.text).code]).toEqual([401, 'code_invalid'])
        expect(unknown.calls.filter(({ words }) => words === 'code-lookup')).toHaveLength(1)
        for (const { why, ...told } of all) expect({ why, told }).toEqual({ why, told: unknown })
      }
    },
  )

  test('SEC-08 a claim that is over and one that never was are one answer, by the same calls', async () => {
    const house = open({ admission: 'approval' })
    const applicant = await createApplicant(house, { key: null })
    await applicant.ask()
    const { claim } = applicant.pending
    const forms = {
      unknown: `apr_${'A'.repeat(22)}.${'A'.repeat(43)}`,
      'of another secret': `${claim.split('.')[0]}.${'A'.repeat(43)}`,
    }
    let address = 0
    for (const path of ['claim', 'withdraw']) {
      const answers = []
      for (const text of Object.values(forms))
        answers.push(
          await seen(house, () => house.ask(path, { claim: text }, addressOf(++address))),
        )
      expect(answers[1]).toEqual(answers[0])
      expect(answers[0]!.status).toBeGreaterThanOrEqual(400)
    }
  })

  test('SEC-08 a refresh token of a session that is there, with another secret, is as one that never was', async () => {
    const house = open()
    const visitor = createVisitor(house, null, { remoteAddress: '203.0.113.77' })
    await visitor.redeem(await house.typed({ scopes: ['notes:read'] as never }), {
      transport: 'bearer',
    })
    const id = visitor.session.id
    let address = 0
    const answers = []
    for (const refreshToken of [
      `ses_${'A'.repeat(22)}.${'A'.repeat(43)}`,
      `${id}.${'A'.repeat(43)}`,
    ])
      answers.push(
        await seen(house, () => house.ask('renew', { refreshToken }, addressOf(++address))),
      )
    expect(answers.map(({ status }) => status)).toEqual([401, 401])
    const [unknown, known] = answers as [Seen, Seen]
    expect(known).toEqual(unknown)
  })

  test('SEC-08 any wrong secret of the owner, and the right one once it is used up, are one answer by the same calls', async () => {
    const house = open({ secret: keptSecrets(), keyless: 'full' })
    const device = { label: 'A phone', kind: 'browser' }
    const { secret } = (await house.pair.ownerSecret({ origin: house.origin }))!
    const ask = (text: string, number: number): Promise<Seen> =>
      seen(house, () => house.ask('claim-owner', { secret: text, device }, addressOf(number)))
    const close = secret.slice(0, -1) + (secret.endsWith('A') ? 'E' : 'A')
    const before = [await ask('A'.repeat(43), 1), await ask(close, 2), await ask('x', 3)]
    expect(before[1]).toEqual(before[0])
    expect(before[2]).toEqual(before[0])
    expect((await house.ask('claim-owner', { secret, device }, addressOf(4))).status).toBe(200)
    const after = [await ask('A'.repeat(43), 5), await ask(secret, 6), await ask(close, 7)]
    expect(after[1]).toEqual(after[0])
    expect(after[2]).toEqual(after[0])
    expect({ ...after[0], calls: [] }).toEqual({ ...before[0], calls: [] })
    expect(after[0]!.status).toBe(401)
  })

  test('SEC-08 locked out, a used, an unknown and a right code are one answer by the same calls', async () => {
    const house = open()
    const codes = await deadCodes(house)
    const right = await house.typed()
    await house.fail(10)
    const answers = []
    for (const { typed } of [...codes, { typed: right }])
      answers.push(await seen(house, () => house.redeem(typed)))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(answers[0]!.status).toBe(429)
  })
})
