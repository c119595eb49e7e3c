import { describe, expect, test } from 'vitest'
import { ALL_ROUTES, EXTENSION_ROUTES } from '../limit/stranger-routes.ts'
import { allOf, type Cage } from './canaries.ts'
import { found, misuseAll, oneOfEach, placesOf } from './canary-places.ts'
import { openHeadlessCage } from './headless-canaries.ts'

async function expectNowhere(cage: Cage): Promise<void> {
  for (const [place, text] of Object.entries(await placesOf(cage)))
    expect([place, found(text, cage.canaries)]).toEqual([place, []])
}

/** Calls of agents' keys in process, with a secret where an id or a name belongs. */
async function misuseAgentKeys({ server: { pair }, canaries, heard }: Cage): Promise<void> {
  for (const { text } of canaries) {
    const calls: (() => Promise<unknown>)[] = [
      () => pair.agentKeys.revoke(text),
      () => pair.agentKeys.rotate(text),
      () => pair.agentKeys.issue({ agent: `${text} ` }),
      () => pair.agentKeys.supportCode({ agent: `${text} ` }),
    ]
    for (const call of calls)
      await call().catch((error: unknown) => heard.errors.push(allOf(error)))
  }
}

describe.each(['hs256', 'eddsa'] as const)('with %s', { timeout: 120_000 }, (signing) => {
  test('SEC-09 no secret of agents, device grants or relays stands in store, log, events, refusals or journal', async () => {
    const cage = await openHeadlessCage(signing)
    expect(new Set(cage.canaries.map(({ what }) => what)).size).toBeGreaterThan(20)
    await expectNowhere(cage)
  })

  test('SEC-09 one that comes where it does not belong is in no answer, and stands nowhere after', async () => {
    const cage = await openHeadlessCage(signing)
    cage.canaries.splice(0, Infinity, ...oneOfEach(cage.canaries))
    const answers = await misuseAll(cage, [...ALL_ROUTES, ...EXTENSION_ROUTES])
    expect(answers.length).toBeGreaterThan(5_000)
    expect(found(answers.join('\n'), cage.canaries)).toEqual([])
    await misuseAgentKeys(cage)
    expect(cage.heard.errors.length).toBeGreaterThan(100)
    expect(found(cage.heard.errors.join('\n'), cage.canaries)).toEqual([])
    await expectNowhere(cage)
  })

  test.each(['all', 'commit'] as const)(
    'SEC-09 nor is it where the store fails in %s, and its driver quotes what it was called with',
    async (calls) => {
      const cage = await openHeadlessCage(signing)
      cage.canaries.splice(0, Infinity, ...oneOfEach(cage.canaries))
      cage.setDown(calls)
      const answers = await misuseAll(cage, EXTENSION_ROUTES)
      await misuseAgentKeys(cage)
      cage.setDown('none')
      expect(answers.join('\n')).toMatch(/store_unavailable|temporarily_unavailable/)
      expect(found([...answers, ...cage.heard.errors].join('\n'), cage.canaries)).toEqual([])
      await expectNowhere(cage)
    },
  )
})
