import type { Append, Check, Entry, Key, Put, Remove, Store } from '@pair/core'

/** An instant far from any clock: stores compare instants, they don't read the time. */
export const T0 = 1_800_000_000_000

export const put = (key: Key, value = 'x', purgeAt: number | null = null): Put => ({
  key,
  value,
  purgeAt,
})

export const remove = (key: Key): Remove => ({ key, value: null })

export const append = (stream: Key, value: string, purgeAt: number | null = null): Append => ({
  append: stream,
  value,
  purgeAt,
})

export const absent = (key: Key): Check => ({ key, version: null })

export async function versionOf(store: Store, key: Key): Promise<string | null> {
  return (await store.read(key))?.version ?? null
}

export async function valueOf(store: Store, key: Key): Promise<string | null> {
  return (await store.read(key))?.value ?? null
}

/** The keys of a page, as text for people. */
export function namesOf(page: readonly Entry[]): string {
  return page.map((entry) => entry.key.join('/')).join(' ')
}
