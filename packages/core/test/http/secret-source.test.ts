import { expect, test } from 'vitest'
import { createPair, memoryStore, PairError } from '../../src/index.ts'

test('SEC-12 what keeps a secret from being read is told to the operator with its mend, and to nobody else', async () => {
  const told: unknown[] = []
  const error = (...args: unknown[]): void => void told.push(...args)
  const pair = createPair({
    secret: {
      getOrCreate: () =>
        Promise.reject(
          new PairError('config_invalid', {
            message: 'Others can read .data.',
            hint: 'chmod 700 .data',
          }),
        ),
      markSpent: async () => false,
      isSpent: async () => false,
    },
    store: memoryStore(),
    logger: { debug() {}, info() {}, warn() {}, error },
  })
  const answer = await pair.handler(
    new Request('http://localhost/auth/session', { headers: { authorization: 'Bearer a.b.c' } }),
  )
  expect(answer?.status).toBe(500)
  expect(await answer?.text()).not.toContain('.data')
  expect(JSON.stringify(told)).toContain('Others can read .data. chmod 700 .data')
})
