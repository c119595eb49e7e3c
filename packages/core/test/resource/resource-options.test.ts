import { expect, test } from 'vitest'
import { checkOptions } from '../../src/options.ts'
import type { PairOptions } from '../../src/pair-options.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { SECRET } from '../kit/server.ts'
import { SCREENS } from '../kit/screens.ts'

function check(resources: unknown, scopes: string[] = []): ReturnType<typeof checkOptions> {
  const options = { secret: SECRET, store: memoryStore(), scopes, resources }
  return checkOptions(options as PairOptions)
}

const kind = (more: object): object => ({ screen: { modes: ['view', 'control'], ...more } })

test('RES-02 the modes of resources are scopes of the app without being named', () => {
  const { scopes, resources } = check(SCREENS, ['notes:read'])
  expect(scopes).toEqual([
    'notes:read',
    'screen:view',
    'screen:point',
    'screen:control',
    'camera:view',
    'access:read',
    'access:write',
  ])
  expect([...resources.keys()]).toEqual(['screen', 'camera'])
  expect(check(undefined).resources.size).toBe(0)
})

test('RES-03 a stronger mode may send what the weaker ones may, and what is not declared nobody may', () => {
  const { messages } = check(SCREENS).resources.get('screen')!
  const sent = [...messages].map(([mode, classes]) => [mode, [...classes]])
  expect(sent).toEqual([
    ['view', []],
    ['point', ['pointer']],
    ['control', ['pointer', 'key', 'paste']],
  ])
  expect(check(kind({})).resources.get('screen')!.messages.get('control')!.size).toBe(0)
})

const wrong: [string, unknown, RegExp, string[]?][] = [
  ['a list', [], /`resources` must be an object/],
  ['a text', 'screen', /`resources` must be an object/],
  ['null', null, /`resources` must be an object/],
  ['a kind in capitals', { Screen: { modes: ['view'] } }, /`resources` must name kinds/],
  ['a kind with a colon', { 'a:b': { modes: ['view'] } }, /`resources` must name kinds/],
  ['a kind too long', { ['a'.repeat(33)]: { modes: ['view'] } }, /`resources` must name kinds/],
  ['a kind without a name', { '': { modes: ['view'] } }, /`resources` must name kinds/],
  ['the kind access', { access: { modes: ['write'] } }, /and none `access`/],
  ['a kind that is a list', { screen: ['view'] }, /`resources\.screen` must be an object/],
  ['a kind that is null', { screen: null }, /`resources\.screen` must be an object/],
  ['no modes', { screen: {} }, /`resources\.screen\.modes` must list/],
  ['an empty list of modes', kind({ modes: [] }), /`resources\.screen\.modes` must list/],
  ['a mode twice', kind({ modes: ['view', 'view'] }), /`resources\.screen\.modes` must list/],
  ['a mode in capitals', kind({ modes: ['View'] }), /`resources\.screen\.modes` must list/],
  ['a mode too long', kind({ modes: ['v'.repeat(32)] }), /`resources\.screen\.modes` must list/],
  ['a mode that is a number', kind({ modes: [1] }), /`resources\.screen\.modes` must list/],
  ['modes that are a text', kind({ modes: 'view' }), /`resources\.screen\.modes` must list/],
  ['a member that is none', kind({ message: {} }), /not "message"/],
  ['messages as a list', kind({ messages: ['key'] }), /`resources\.screen\.messages` must be/],
  ['messages of no mode', kind({ messages: { drive: ['key'] } }), /not "drive"/],
  ['classes as a text', kind({ messages: { view: 'key' } }), /`resources\.screen\.messages\.view`/],
  ['an empty class', kind({ messages: { view: [''] } }), /`resources\.screen\.messages\.view`/],
  ['a class with a blank', kind({ messages: { view: ['a b'] } }), /\.messages\.view`/],
  ['a class too long', kind({ messages: { view: ['a'.repeat(65)] } }), /\.messages\.view`/],
  ['a class that is a number', kind({ messages: { view: [7] } }), /\.messages\.view`/],
  ['a scope that is a mode', kind({}), /`scopes` must not name screen:view/, ['screen:view']],
]

test.each(wrong)(
  'RES-02 %s is refused when it is created',
  (_, resources, message, scopes = []) => {
    const made = (): unknown => check(resources, scopes)
    expect(made).toThrow(message)
    expect(made).toThrow(expect.objectContaining({ code: 'config_invalid' }))
    try {
      made()
    } catch (error) {
      expect((error as { hint: string }).hint).toMatch(/^For example (?:resources|scopes): /)
    }
  },
)

test('RES-02 the longest kind and mode make a scope', () => {
  const resources = { ['a'.repeat(32)]: { modes: ['m'.repeat(31), 'constructor'] } }
  expect(check(resources).scopes[0]).toHaveLength(64)
})
