import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ORIGIN } from '../kit/server.ts'
import { openCage } from './canaries.ts'
import { found, misuseAll, misuseInProcess, oneOfEach, placesOf } from './canary-places.ts'

const FULL = { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null } as const

describe.each(['hs256', 'eddsa'] as const)('with %s', { timeout: 60_000 }, (signing) => {
  test('SEC-09 no secret of any kind stands in store, log, events, refusals or journal', async () => {
    const cage = await openCage(signing)
    expect(new Set(cage.canaries.map(({ what }) => what)).size).toBeGreaterThan(20)
    for (const [place, text] of Object.entries(await placesOf(cage)))
      expect([place, found(text, cage.canaries)]).toEqual([place, []])
  })

  test('SEC-09 a secret that comes where it does not belong is in no answer, and stands nowhere after', async () => {
    const cage = await openCage(signing)
    cage.canaries.splice(0, Infinity, ...oneOfEach(cage.canaries))
    const answers = await misuseAll(cage)
    expect(answers.length).toBeGreaterThan(5_000)
    expect(found(answers.join('\n'), cage.canaries)).toEqual([])
    for (const [place, text] of Object.entries(await placesOf(cage)))
      expect([place, found(text, cage.canaries)]).toEqual([place, []])
  })

  test.each(['all', 'commit'] as const)(
    'SEC-09 nor is it where the store fails in %s, and its driver quotes what it was called with',
    async (calls) => {
      const cage = await openCage(signing)
      cage.canaries.splice(0, Infinity, ...oneOfEach(cage.canaries))
      cage.setDown(calls)
      const answers = await misuseAll(cage)
      await misuseInProcess(cage)
      cage.setDown('none')
      expect(answers.join('\n')).toContain('store_unavailable')
      expect(found([...answers, ...cage.heard.errors].join('\n'), cage.canaries)).toEqual([])
      for (const [place, text] of Object.entries(await placesOf(cage)))
        expect([place, found(text, cage.canaries)]).toEqual([place, []])
    },
  )

  test('SEC-09 errors in process hold none in message, reason, cause or stack', async () => {
    const cage = await openCage(signing)
    await misuseInProcess(cage)
    expect(cage.heard.errors.length).toBeGreaterThan(200)
    expect(found(cage.heard.errors.join('\n'), cage.canaries)).toEqual([])
  })
})

test('SEC-09 what an app holds and may print shows no secret, however deep one looks', async () => {
  const cage = await openCage('eddsa')
  const { server, owner, canaries } = cage
  const { pair } = server
  const cookie = owner.cookie()
  const request = (): Request => new Request(`${ORIGIN}/notes`, { headers: { cookie } })
  const guarded = await pair.guard(request(), undefined, {})
  const ticket = canaries.find(({ what }) => what === 'a ticket')!.text
  const url = `${ORIGIN}/live?ticket=${ticket}`
  const held: Record<string, unknown> = {
    pair,
    guarded,
    auth: await pair.authenticate(request()),
    identified: await pair.identify(request()),
    socket: await pair.openSocket(new Request(url), undefined, {}),
    limited: await pair.limit(request(), undefined, { name: 'x', max: 3 }),
    sessions: await pair.sessions.list(),
    devices: await pair.devices.list(),
    codes: await pair.codes.list(),
    approvals: await pair.approvals.list(),
    keys: await pair.signingKeys.list(),
    published: await pair.signingKeys.publicKeys(),
    admission: await pair.admission.get(),
  }
  expect(guarded.ok).toBe(true)
  for (const [name, value] of Object.entries(held)) {
    const texts = [
      inspect(value, FULL),
      inspect(value, { ...FULL, customInspect: false }),
      JSON.stringify(value),
      `${String(value)}`,
    ]
    expect([name, found(texts.join('\n'), canaries)]).toEqual([name, []])
  }
  await pair.close()
})
