import { adapterTranscript, type Exchange } from '@pair/testkit'
import { beforeAll, describe, expect, test } from 'vitest'
import { expressHarness } from '../packages/express/test/kit/harness.ts'
import { frameworks } from '../packages/express/test/kit/home.ts'
import { honoHarness } from '../packages/hono/test/kit/harness.ts'

/** The answers by case, so that a difference is shown with its name. */
function byCase(transcript: readonly Exchange[]): Record<string, Omit<Exchange, 'case'>[]> {
  const cases: Record<string, Omit<Exchange, 'case'>[]> = {}
  for (const { case: name, ...told } of transcript) (cases[name] ??= []).push(told)
  return cases
}

const PATIENCE_MS = 120_000

describe('adapters', () => {
  let hono: Record<string, Omit<Exchange, 'case'>[]>
  beforeAll(async () => {
    hono = byCase(await adapterTranscript(honoHarness))
  }, PATIENCE_MS)

  test('tell something in nearly every case', () => {
    expect(Object.keys(hono).length).toBeGreaterThan(85)
    expect(Object.values(hono).flat().length).toBeGreaterThan(750)
  })

  test.each(frameworks)(
    'SEC-10 %s and Hono give the same status, body and security headers for every case',
    async (_, framework) => {
      expect(byCase(await adapterTranscript(expressHarness(framework)))).toEqual(hono)
    },
    PATIENCE_MS,
  )
})
