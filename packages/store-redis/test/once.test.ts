import { setTimeout } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { createOnce } from '../src/once.ts'
import { openEval, type Open } from './kit/clients.ts'
import { openServer, openStore } from './kit/open.ts'
import { append, put, T0 } from './kit/writes.ts'
import type { EvalClient } from '../src/index.ts'

type Send = NonNullable<EvalClient['evalsha']>

/** A client over HTTP whose sending somebody sees, or changes. */
const openBy =
  (change: (send: Send) => Send): Open =>
  async (url) => {
    const { client, end } = await openEval(url)
    const { eval: run } = client as EvalClient
    return { client: { eval: change(run) }, end }
  }

it('SEC-05 [eval] what a client sends again after its time is not done, though its mark is gone', async () => {
  const server = await openServer()
  const sent: Parameters<Send>[] = []
  const open = openBy((send) => (...call) => {
    sent.push(call)
    return send(...call)
  })
  const store = await openStore(server.url, { open, timeoutMs: 300 })
  await store.read(['a'])
  sent.length = 0
  await store.commit([], [append(['s'], 'once')])
  await store.increment(['c'], 1, T0)
  const copies = sent.splice(0)
  expect(copies).toHaveLength(2)
  const { client, end } = await openEval(server.url)
  onTestFinished(() => end())
  const again = async (): Promise<unknown[]> =>
    Promise.all(copies.map((copy) => (client as EvalClient).eval(...copy)))
  // while it may come it is known, and for some time behind that
  const done = ['1', 'n1']
  expect((await again()).map(String)).toEqual(done)
  await setTimeout(400)
  expect((await again()).map(String)).toEqual(done)
  const late = [expect.stringMatching(/^late\d+$/), expect.stringMatching(/^late\d+$/)]
  for (const [, keys] of copies) await server.ask('DEL', keys.at(-1)!)
  expect(await again()).toEqual(late)
  expect((await store.tail(['s'], null, 9)).items).toHaveLength(1)
  expect(await store.increment(['c'], 0, T0)).toBe(1)
})

it('SEC-05 [eval] a client whose clock went on while it slept learns the time of the server, and is done once', async () => {
  const given: number[] = []
  const answers = ['late2000000', '1']
  const once = createOnce(async (_, __, args) => {
    given.push(Number(args.at(-2)))
    return answers.shift()
  }, 1_000)
  once.learn(500)
  expect(await once.run({ text: '', sha: '' }, [], [])).toBe('1')
  expect(given[0]!).toBeGreaterThanOrEqual(1_500)
  expect(given[1]!).toBeGreaterThanOrEqual(2_001_000)
  answers.push('late1', 'late2')
  await expect(once.run({ text: '', sha: '' }, [], [])).rejects.toMatchObject({
    code: 'store_unavailable',
    reason: expect.stringMatching(/nothing was done/),
  })
})

it('SEC-05 [eval] each counter and commit that was delayed beyond its time is rejected and undone by nobody: it was not done', async () => {
  const server = await openServer()
  let delayed: (() => Promise<unknown>) | undefined
  const open = openBy((send) => (...call) => {
    if (!call[2].some((arg) => arg.endsWith(' delay'))) return send(...call)
    delayed = () => send(...call)
    return new Promise(() => {})
  })
  const store = await openStore(server.url, { open, timeoutMs: 200 })
  await store.read(['a'])
  await expect(store.commit([], [put(['a'], 'delay')])).rejects.toMatchObject({
    code: 'store_unavailable',
  })
  await expect.poll(() => delayed!()).toMatch(/^late/)
  expect(await store.read(['a'])).toBeNull()
})
