import { describe, expect, test } from 'vitest'
import {
  ACCESS_SCOPES,
  checkScopeList,
  isAccessScope,
  isScope,
  narrowScopes,
} from '../../src/grant/scopes.ts'

describe('a scope', () => {
  test('CODE-15 is one to sixty-four characters that RFC 6749 allows, from end to end', () => {
    for (const text of ['a', '!', '~', '#', '[', ']', 'notes:read', 'a'.repeat(64)])
      expect(isScope(text), text).toBe(true)
    for (const text of ['', ' ', '"', '\\', '\x7f', 'é', 'a b', ' a', 'a ', 'a\n', 'a'.repeat(65)])
      expect(isScope(text), text).toBe(false)
  })

  test('CODE-15 of access is one that begins so', () => {
    expect(ACCESS_SCOPES).toEqual(['access:read', 'access:write'])
    for (const scope of [...ACCESS_SCOPES, 'access:']) expect(isAccessScope(scope)).toBe(true)
    for (const scope of ['access', 'notes:access:', 'Access:read', ''])
      expect(isAccessScope(scope)).toBe(false)
  })
})

describe('a list of scopes', () => {
  const known = ['a', 'b', 'c']

  test('CODE-15 that may be asked for is taken as it is', () => {
    const wanted = ['c', 'a']
    const outcome = checkScopeList(wanted, known)
    expect(outcome).toEqual({ ok: true, scopes: ['c', 'a'] })
    expect(outcome.scopes).not.toBe(wanted)
  })

  test('CODE-15 that is empty, names one twice or one that is not here is refused', () => {
    expect(checkScopeList([], known)).toEqual({ ok: false, reason: 'empty', scopes: [] })
    expect(checkScopeList(['a', 'a'], known)).toEqual({
      ok: false,
      reason: 'duplicate',
      scopes: [],
    })
    expect(checkScopeList(['a', 'x', 'b', 'y'], known)).toEqual({
      ok: false,
      reason: 'unknown',
      scopes: ['x', 'y'],
    })
  })

  test('CODE-15 is given where all of it is held, else refused with what is beyond', () => {
    expect(narrowScopes(['b'], known)).toEqual({ ok: true, scopes: ['b'] })
    expect(narrowScopes([], known)).toEqual({ ok: true, scopes: [] })
    expect(narrowScopes(['a', 'x'], known)).toEqual({ ok: false, reason: 'beyond', scopes: ['x'] })
  })
})
