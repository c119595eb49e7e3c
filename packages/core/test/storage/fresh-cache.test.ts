import { describe, expect, test } from 'vitest'
import type { Key } from '../../src/ports/store.ts'
import type { ChangeFeed, ChangeListener } from '../../src/storage/change-feed.ts'
import { createFreshCache, type FreshCache } from '../../src/storage/fresh-cache.ts'

interface Heard {
  cache: FreshCache<string>
  /** A change of these keys is heard; `null`: of any. */
  tell(keys: readonly Key[] | null): void
  live(isLive: boolean): void
  /** Found in one look, without a change meanwhile. */
  found(name: string, ids: readonly string[]): void
}

function hear(most = 10): Heard {
  let live = true
  const listeners: ChangeListener[] = []
  const feed: ChangeFeed = {
    listen: () => () => {},
    overhear: (listener) => (listeners.push(listener), () => {}),
    isLive: () => live,
    keepLive: () => live,
    announce: () => {},
    close: () => {},
  }
  const cache = createFreshCache<string>(feed, most)
  return {
    cache,
    tell: (keys) => listeners.forEach((listener) => listener(keys)),
    live: (isLive) => void (live = isLive),
    found(name, ids) {
      const look = cache.begin()
      cache.keep(look, name, `what ${name} is`, ids)
      cache.end(look)
    },
  }
}

const SESSION = ['session', 'ses_1', 'record']

describe('SEC-19 what was found', () => {
  test('SEC-19 is kept while nothing that it rests on changes', () => {
    const { cache, tell, found } = hear()
    found('a', ['epoch', 'ses_1'])
    found('b', ['epoch', 'ses_2'])
    tell([['session', 'ses_3', 'record'], ['journal']])
    expect([cache.get('a'), cache.get('b')]).toEqual(['what a is', 'what b is'])
    tell([['session', 'ses_1', 'revoked']])
    expect([cache.get('a'), cache.get('b')]).toEqual([undefined, 'what b is'])
    tell([['epoch']])
    expect(cache.get('b')).toBeUndefined()
  })

  test('SEC-19 is forgotten where anything may have changed, and no look that was under way is kept', () => {
    const { cache, tell, found } = hear()
    found('a', ['ses_1'])
    const look = cache.begin()
    tell(null)
    expect(cache.get('a')).toBeUndefined()
    cache.keep(look, 'a', 'old', ['ses_1'])
    expect(cache.get('a')).toBeUndefined()
  })

  test('SEC-19 is not kept where it changed during the look, in whatever order that was heard', () => {
    const { cache, tell } = hear()
    const looks = [cache.begin(), cache.begin()] as const
    tell([SESSION])
    const later = cache.begin()
    cache.keep(looks[0], 'a', 'old', ['ses_1'])
    cache.keep(looks[1], 'b', 'as it is', ['ses_2'])
    cache.keep(later, 'c', 'new', ['ses_1'])
    expect(['a', 'b', 'c'].map(cache.get)).toEqual([undefined, 'as it is', 'new'])
    looks.forEach(cache.end)
  })

  test('SEC-19 is neither told nor kept while nobody can tell whether it holds', () => {
    const { cache, live, found } = hear()
    found('a', ['ses_1'])
    const began = cache.begin()
    live(false)
    expect(cache.get('a')).toBeUndefined()
    cache.keep(began, 'b', 'x', ['ses_1'])
    const deaf = cache.begin()
    live(true)
    cache.keep(deaf, 'c', 'x', ['ses_1'])
    expect([cache.get('b'), cache.get('c')]).toEqual([undefined, undefined])
  })

  test('SEC-19 of ten thousand and more the oldest go, and what came in their place is dropped by its own ids', () => {
    const { cache, tell, found } = hear(10_000)
    for (let n = 0; n < 12_345; n++) found(`t${n}`, ['epoch', `ses_${n}`])
    const kept = Array.from({ length: 12_345 }, (_, n) => cache.get(`t${n}`) !== undefined)
    expect(kept.filter(Boolean)).toHaveLength(10_000)
    expect(kept.lastIndexOf(false)).toBe(2_344)
    // Kept anew under other ids, it rests on these alone.
    found('t12344', ['ses_other'])
    tell([['session', 'ses_12344', 'record']])
    expect(cache.get('t12344')).toBeDefined()
    tell([['session', 'ses_other', 'record']])
    expect(cache.get('t12344')).toBeUndefined()
    tell([['epoch']])
    expect(
      Array.from({ length: 12_345 }, (_, n) => cache.get(`t${n}`)).every(
        (one) => one === undefined,
      ),
    ).toBe(true)
  })
})
