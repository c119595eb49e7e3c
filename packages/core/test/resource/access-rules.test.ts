import { expect, test } from 'vitest'
import {
  accessRefusal,
  narrowAccess,
  withWeaker,
  type ResourceKinds,
} from '../../src/resource/resource.ts'

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

test('SES-10 whoever may have a mode may have the weaker ones of that kind, each once', () => {
  const kinds: ResourceKinds = new Map([
    ['screen', { modes: ['view', 'point', 'control'], messages: new Map() }],
    ['camera', { modes: ['view', 'turn'], messages: new Map() }],
  ])
  expect(withWeaker(kinds, ['notes:read', 'screen:control'])).toEqual([
    'notes:read',
    'screen:control',
    'screen:view',
    'screen:point',
  ])
  expect(withWeaker(kinds, ['screen:point', 'screen:view'])).toEqual([
    'screen:point',
    'screen:view',
  ])
  for (const scopes of [[], ['notes:read'], ['camera:view'], ['access:write']])
    expect(withWeaker(kinds, scopes)).toEqual(scopes)
})
