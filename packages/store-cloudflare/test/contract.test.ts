import { storePromises } from '@pair/testkit/store'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from './kit/bundle.ts'
import { runtime } from './kit/runtime.ts'

let workerd: Miniflare

beforeAll(async () => {
  const script = await bundle('contract-worker.ts')
  const compatibilityFlags = ['nodejs_compat'] // the kit throws errors of node:assert
  const worker = { ...runtime, compatibilityFlags, script, d1Databases: { DB: 'db' } }
  const STORE = { className: 'TestStore', useSQLite: true }
  const OTHER = { name: 'two', entrypoint: 'OtherWorker' }
  workerd = new Miniflare({
    cf: false,
    workers: [
      { ...worker, name: 'one', durableObjects: { STORE }, serviceBindings: { OTHER } },
      { ...worker, name: 'two', durableObjects: { STORE: { ...STORE, scriptName: 'one' } } },
    ],
  })
  await workerd.ready
}, 30_000)
afterAll(() => workerd.dispose())

describe.each([
  ['a Durable Object, from two Workers', '/object', ['watch', 'dropWatch']],
  ['a Durable Object, from inside', '/inside', ['reopen', 'dropWatch']],
  ['D1, from two Workers', '/d1', ['watch', 'dropWatch']],
] as const)('the store contract (%s)', (_, path, lacks) => {
  for (const [at, { id, name, needs }] of storePromises.entries()) {
    if (needs && (lacks as readonly string[]).includes(needs)) continue
    test(`${id} ${name}`, async () => {
      const answer = await workerd.dispatchFetch(`http://localhost${path}?promise=${at}`)
      expect(await answer.text()).toBe('')
    }, 30_000)
  }
})
