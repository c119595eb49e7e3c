import type { Append, Check, Key, Put } from '@pair/core'

/** An instant far from any clock. */
export const T0: number = 1_800_000_000_000

export const put = (key: Key, value = 'x', purgeAt: number | null = null): Put => ({
  key,
  value,
  purgeAt,
})
export const append = (stream: Key, value = 'x', purgeAt: number | null = null): Append => ({
  append: stream,
  value,
  purgeAt,
})
export const absent = (key: Key): Check => ({ key, version: null })
