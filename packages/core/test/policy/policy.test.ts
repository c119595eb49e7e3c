import { assert, describe, expect, test } from 'vitest'
import { createApplicant } from '../kit/applicants.ts'
import { dumpStore } from '../kit/dump.ts'
import { createServer, type LoggedServer } from '../kit/newcomers.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { govern, WAYS } from './ways.ts'

/** What somebody has of it: all but what tells who was seen and which proofs were spent. */
const kept = async ({ store }: LoggedServer): Promise<string[]> =>
  (await dumpStore(store))
    .filter(({ key }) => !['proof', 'presence', 'refusals', 'lockout'].includes(key[1] ?? ''))
    .map(({ key, value }) => `${key.join('/')} ${value}`)

const SENTENCE = 'Not on a Sunday, says the operator.'

/** What is no "go on", and what the operator reads of it. */
const NO: readonly [answer: () => unknown, reason: RegExp][] = [
  [() => SENTENCE, /Not on a Sunday/],
  [async () => SENTENCE, /Not on a Sunday/],
  [
    () => {
      throw new TypeError('the secret of the app')
    },
    /threw TypeError/,
  ],
  [() => Promise.reject(new Error('the secret of the app')), /threw Error/],
  [
    () => {
      throw Object.defineProperty(new Error('the secret of the app'), 'name', {
        get: () => assert.fail('looked at'),
      })
    },
    /threw something/,
  ],
  [() => true, /neither nothing nor a sentence/],
  [() => false, /neither nothing nor a sentence/],
  [() => null, /neither nothing nor a sentence/],
  [() => ({ ok: true }), /neither nothing nor a sentence/],
  [() => '', /can not be shown/],
  [() => 'a\nb', /can not be shown/],
]

describe.each(WAYS)('$name', ({ hook, facts, options = {}, prepare }) => {
  test('goes on where its hook says nothing, which is told what is about to happen', async () => {
    const server = govern({ secret: keptSecrets(), ...options })
    const act = await prepare(server)
    server.told.length = 0
    const { status, text } = await act()
    expect([status < 300, text]).toEqual([true, text])
    const asked = server.told.filter((one) => one.hook === hook)
    expect(asked.at(-1)!.facts).toMatchObject(facts)
    for (const { facts: told } of asked) {
      expect(Object.isFrozen(told) && Object.isFrozen(told['scopes'])).toBe(true)
    }
  })

  test('does not go on where it refuses, throws or answers nonsense, and nothing is used up', async () => {
    const server = govern({ secret: keptSecrets(), ...options })
    const refusals: string[] = []
    server.pair.on('refused', ({ reason }) => void refusals.push(reason))
    const act = await prepare(server)
    for (const [answer, reason] of NO) {
      const before = await kept(server)
      server.rule((name) => (name === hook ? answer() : undefined))
      const { status, text } = await act()
      expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([403, 'policy_refused'])
      // Why is for the operator alone.
      expect(text).not.toMatch(/Sunday|secret of the app|threw|nonsense|neither/)
      expect(await kept(server)).toEqual(before)
      if (refusals.length > 0) expect(refusals.at(-1)).toMatch(reason)
      expect(refusals.join()).not.toContain('secret of the app')
    }
    server.rule(() => undefined)
    expect((await act()).status).toBeLessThan(300)
  })
})

test('no hook is told a secret', async () => {
  const server = govern({ secret: keptSecrets() })
  const secrets: string[] = []
  for (const { prepare, options } of WAYS) {
    const one = govern({ secret: keptSecrets(), ...options })
    const act = await prepare(one)
    const { text } = await act()
    for (const [, value] of text.matchAll(
      /"(?:accessToken|refreshToken|ticket|token|claim|link|typed|cookie|proof)":"([^"]+)"/g,
    ))
      secrets.push(value!)
    const said = JSON.stringify(one.told)
    expect(secrets.filter((secret) => said.includes(secret))).toEqual([])
  }
  expect(secrets.length).toBeGreaterThan(6)
  await server.pair.close()
})

test('a hook that hangs refuses after two seconds, and what it says then is too late', async () => {
  const server = govern()
  const { typed } = await server.pair.codes.issue()
  let answerLate: (answer?: undefined) => void = () => {}
  server.rule(() => new Promise((resolve) => void (answerLate = resolve)))
  const phone = await createApplicant(server)
  const began = performance.now()
  const { status, text } = await phone.redeem(typed)
  expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([403, 'policy_refused'])
  expect(performance.now() - began).toBeGreaterThan(1_900)
  answerLate()
  expect((await server.pair.sessions.list()).items).toEqual([])
  server.rule(() => undefined)
  expect((await phone.redeem(typed)).status).toBe(200)
})

test('a wrong code is answered as ever, and its hook is not asked: whoever guesses learns nothing of it', async () => {
  const server = govern()
  server.rule(() => 'no')
  const phone = await createApplicant(server)
  const { status, text } = await phone.redeem('222-222-222')
  expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([401, 'code_invalid'])
  expect(server.told).toEqual([])
})

test('a refused code is no wrong guess: nobody is locked out by it', async () => {
  const server = govern({ limits: { redeem: { max: 1_000 } } })
  const { typed } = await server.pair.codes.issue()
  server.rule(() => 'no')
  const phone = await createApplicant(server)
  for (let n = 0; n < 15; n++) expect((await phone.redeem(typed)).status).toBe(403)
  server.rule(() => undefined)
  expect((await phone.redeem(typed)).status).toBe(200)
})

test('what changed while a hook thought is judged anew: a code that was revoked meanwhile lets nobody in', async () => {
  const server = govern()
  const { code, typed } = await server.pair.codes.issue()
  server.rule(async (name) => {
    if (name === 'admit') await server.pair.codes.revoke(code.id).catch(() => undefined)
  })
  const phone = await createApplicant(server)
  expect((await phone.redeem(typed)).status).toBe(401)
  expect((await server.pair.sessions.list()).items).toEqual([])
})

test('nothing is asked before something is taken away', async () => {
  const server = govern({ admission: 'approval' })
  const phone = await createApplicant(server)
  await phone.ask()
  server.rule(() => 'no')
  server.told.length = 0
  expect((await phone.withdraw()).status).toBe(204)
  await server.pair.sessions.revokeAll()
  await server.pair.admission.set('closed')
  expect(server.told).toEqual([])
})

test.each([
  [{ admti: () => undefined }, 'policy.admti'],
  [{ admit: 'no' }, 'policy.admit'],
  [null, 'policy'],
  ['no', 'policy'],
])('the option %o is refused by name', (policy, name) => {
  expect(() => createServer({ policy: policy as never })).toThrow(`createPair: \`${name}\``)
})
