import { expect, test } from 'vitest'
import { faultyStore } from '@pair/testkit/store'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import {
  createKeyed,
  createServer,
  createStranger,
  secretOf,
  type Answer,
} from '../kit/newcomers.ts'

/** All of an answer that a stranger sees. */
const seen = ({ status, headers, text }: Answer): string =>
  JSON.stringify([status, [...headers].sort(), text])

test('CODE-11 where keys are a must, a stranger without one is told the same of unknown, bound and unbound codes', async () => {
  const line = faultyStore(memoryStore())
  const server = createServer({ keyless: 'refuse', store: line.store })
  const keyed = await createKeyed(server)
  const { issue, list } = server.pair.codes
  const bound = await issue({ boundThumbprint: keyed.key!.thumbprint })
  const unbound = await issue()
  const used = await issue()
  expect((await (await createKeyed(server)).redeem(used.typed)).status).toBe(200)

  const asked = (): number[] =>
    (['read', 'commit', 'increment'] as const).map((call) => line.calls(call))
  const before = asked()
  const codes = [
    '222-222-222',
    'A'.repeat(22),
    ...[bound, unbound, used].flatMap(({ typed, link }) => [typed, secretOf(link)]),
  ]
  const answers: Answer[] = []
  for (const code of codes) answers.push(await createStranger(server).redeem(code))
  expect(answers[0]).toMatchObject({ status: 403, body: { code: 'device_key_required' } })
  expect(new Set(answers.map(seen)).size).toBe(1)
  // Nothing was looked up: there is no time to measure either.
  expect(asked()).toEqual(before)

  expect((await list()).items.map(({ id }) => id).sort()).toEqual(
    [bound.code.id, unbound.code.id].sort(),
  )
  expect((await keyed.redeem(bound.typed)).status).toBe(200)
  expect((await (await createKeyed(server)).redeem(unbound.typed)).status).toBe(200)
})

test('CODE-11 a bound code is like an unknown one to every key but its own', async () => {
  for (const keyless of ['limited', 'refuse', 'full'] as const) {
    const server = createServer({ keyless })
    const owner = await createKeyed(server)
    const { typed } = await server.pair.codes.issue({ boundThumbprint: owner.key!.thumbprint })
    const thief = await createKeyed(server)
    const answers = [
      await thief.redeem(typed),
      await thief.redeem('222-222-222', {}, server.freshAddress()),
    ]
    expect(answers[0]).toMatchObject({ status: 401, body: { code: 'code_invalid' } })
    expect(new Set(answers.map(seen)).size).toBe(1)
    expect((await owner.redeem(typed)).status).toBe(200)
  }
})

test('CODE-11 where keys are no must, a bound code is like an unknown one to a stranger without a key', async () => {
  for (const keyless of ['limited', 'full'] as const) {
    const server = createServer({ keyless })
    const owner = await createKeyed(server)
    // Also one that gives only what such a stranger could not have.
    for (const scopes of [['notes:read'], ['access:read']] as const) {
      const { typed } = await server.pair.codes.issue({
        scopes,
        boundThumbprint: owner.key!.thumbprint,
      })
      const answers = [
        await createStranger(server).redeem(typed),
        await createStranger(server).redeem('222-222-222'),
      ]
      expect(answers[0]).toMatchObject({ status: 401, body: { code: 'code_invalid' } })
      expect(new Set(answers.map(seen)).size).toBe(1)
    }
  }
})
