import { expect, test } from 'vitest'
import { accessRefusal, narrowAccess, type ResourceKinds } from '../../src/resource/resource.ts'

const KINDS: ResourceKinds = new Map([
  ['screen', { modes: ['view', 'control'], messages: new Map() }],
])

test('RES-02 of a kind or mode that there is not nothing is left, also of who has all', () => {
  const all = ['access:write', 'screen:view', 'screen:control', 'desk:view']
  for (const access of [
    { name: 'desk:1', mode: 'view' },
    { name: 'screen:1', mode: 'drive' },
  ])
    expect(narrowAccess(KINDS, access, all)).toBeNull()
  const access = { name: 'screen:1', mode: 'control' }
  expect(narrowAccess(KINDS, access, [])).toBeNull()
  expect(narrowAccess(KINDS, access, ['screen:view'])).toEqual({ name: 'screen:1', mode: 'view' })
})

test('RES-02 whoever lacks a scope is told which', () => {
  expect(accessRefusal({ name: 'screen:1', mode: 'control' })).toEqual([
    'insufficient_scope',
    { members: { scopes: ['screen:control'] }, reason: 'missing screen:control' },
  ])
})
