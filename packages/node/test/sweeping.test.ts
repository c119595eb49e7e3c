import { createPair, memoryStore } from '@pair/core'
import { expect, test, vi } from 'vitest'
import { startSweeping } from '../src/index.ts'

const options = { secret: 'a secret of this test, 32 bytes or more' }

test('sweeping goes on until it is stopped, and survives a store that fails', async () => {
  const store = memoryStore()
  let calls = 0
  const pair = createPair({
    ...options,
    store: {
      ...store,
      purge: (...purge) =>
        ++calls === 1 ? Promise.reject(new Error('down')) : store.purge(...purge),
    },
  })
  const onError = vi.fn<(error: unknown) => void>()
  const stop = startSweeping(pair, { everyMs: 5, onError })
  await vi.waitFor(() => expect(calls).toBeGreaterThan(2))
  expect(onError).toHaveBeenCalledOnce()
  stop()
  await pair.close()
})

test.each([0, -1, Number.NaN, 2 ** 31, '1s'])(
  'sweeping each %s ms is refused by name',
  (everyMs) => {
    const pair = createPair({ ...options, store: memoryStore() })
    expect(() => startSweeping(pair, { everyMs: everyMs as number })).toThrow('everyMs')
  },
)
