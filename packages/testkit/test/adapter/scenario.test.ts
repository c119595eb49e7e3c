import { expect, test } from 'vitest'
import { honoHarness } from '../../../hono/test/kit/harness.ts'
import { runCase } from '../../src/adapter/adapter-case.ts'
import { adapterCases } from '../../src/adapter/scenario.ts'
import { broken, brokenAdapters } from './broken-adapters.ts'

test.each(brokenAdapters)('an adapter that $fault fails “$fails”', async (adapter) => {
  const cases = adapterCases.filter(({ name }) => name.startsWith(adapter.fails))
  expect(cases).toHaveLength(1)
  await expect(runCase(broken(honoHarness, adapter), cases[0]!)).rejects.toBeInstanceOf(Error)
})

test('each case has a name of its own', () => {
  expect(new Set(adapterCases.map(({ name }) => name)).size).toBe(adapterCases.length)
})
