import { isPairError } from '@pair/core'
import { expect, test } from 'vitest'
import { answerStoreCall, durableObjectStore, objectStore, type StoreCall } from '../src/index.ts'
import { createObjectStorage } from './kit/object-storage.ts'

const put = (value: string) => ({ key: ['n', 'a'], value, purgeAt: null })

function refusalOf(open: () => unknown): string {
  try {
    open()
    return 'none'
  } catch (error) {
    return isPairError(error) ? `${error.code}: ${error.hint}` : String(error)
  }
}

test('what is no namespace is refused, with the mend', () => {
  const refusal = refusalOf(() => durableObjectStore(undefined as never))
  expect(refusal).toMatch(/config_invalid: .*durable_objects\.bindings/)
})

test('storage without SQL is refused, with the mend', () => {
  const storage = createObjectStorage()
  const older = {
    ...storage,
    get sql(): never {
      throw new Error('This object has no SQL')
    },
  }
  expect(refusalOf(() => objectStore(older))).toMatch(/config_invalid: .*new_sqlite_classes/)
})

test('STO-06 what a later version has written to is refused, and the object that is opened again goes on', async () => {
  const storage = createObjectStorage()
  await objectStore(storage).commit([], [put('x')])
  expect((await objectStore(storage).read(['n', 'a']))?.value).toBe('x')
  storage.sql.exec("INSERT INTO pair_migration (number, name) VALUES (99, 'later')")
  expect(refusalOf(() => objectStore(storage))).toMatch(/config_invalid: A later version/)
})

test('STO-06 a state that there is not is refused by the database, and nothing of its commit is done', async () => {
  const store = objectStore(createObjectStorage())
  const bad = JSON.stringify({ kind: 'code', record: { state: 'unheard-of' } })
  const both = [put('good'), { key: ['n', 'b'], value: bad, purgeAt: null }]
  await expect(store.commit([], both)).rejects.toThrow(/CHECK constraint/)
  expect(await store.list(['n'], { limit: 9 })).toEqual([])
})

test('the object does what the store has, and nothing else', async () => {
  const store = objectStore(createObjectStorage())
  expect(await answerStoreCall(store, ['commit', [], [put('x')]])).toBe(true)
  expect(await answerStoreCall(store, ['read', ['n', 'a']])).toMatchObject({ value: 'x' })
  for (const name of ['watch', 'constructor', 'toString'])
    await expect(answerStoreCall(store, [name] as unknown as StoreCall)).rejects.toThrow(TypeError)
})

test('the time is that of the clock that is given', async () => {
  expect(await objectStore(createObjectStorage(), { clock: () => 5 }).time!()).toBe(5)
})
