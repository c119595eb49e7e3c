import type { Append, Check, Key, Millis, Put, Store } from '@pair/core'

/** An instant far from any clock. */
export const T0: Millis = 1_800_000_000_000

export const put = (key: Key, value = 'x', purgeAt: Millis | null = null): Put => ({
  key,
  value,
  purgeAt,
})
export const append = (stream: Key, value = 'x', purgeAt: Millis | null = null): Append => ({
  append: stream,
  value,
  purgeAt,
})
export const absent = (key: Key): Check => ({ key, version: null })

export async function valueOf(store: Store, key: Key): Promise<string | null> {
  return (await store.read(key))?.value ?? null
}

/** Everything that a store says of what stands below no prefix, in one stream and one counter. */
export async function allOf(store: Store): Promise<unknown> {
  return [
    await store.list([], { limit: 9_999 }),
    await store.tail(['s'], null, 9_999),
    await store.increment(['c'], 0, T0),
  ]
}
