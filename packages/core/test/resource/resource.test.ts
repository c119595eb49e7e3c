import { describe, expect, test } from 'vitest'
import { checkResources } from '../../src/resource-options.ts'
import {
  belongs,
  gives,
  modeScopes,
  narrowAccess,
  parseAccess,
  reaches,
} from '../../src/resource/resource.ts'
import { SCREENS, WALL } from '../kit/screens.ts'

const KINDS = checkResources(SCREENS, [])
const MODES = ['view', 'point', 'control']
const SCOPES = ['screen:view', 'screen:point', 'screen:control', 'camera:view', 'notes:read']

/** Every set of these. */
function subsets<T>(all: readonly T[]): T[][] {
  return all.reduce<T[][]>((sets, one) => [...sets, ...sets.map((set) => [...set, one])], [[]])
}

describe('RES-02', () => {
  test('RES-02 a mode is given by its scope, by that of a stronger mode and by access:write, and by nothing else', () => {
    for (const scopes of subsets([...SCOPES, 'access:read', 'access:write'])) {
      for (const [rank, mode] of MODES.entries()) {
        const strongest = MODES.findLastIndex((one) => scopes.includes(`screen:${one}`))
        const expected = scopes.includes('access:write') || strongest >= rank
        expect(gives(KINDS, { name: WALL, mode }, scopes), `${mode} of ${scopes.join()}`).toBe(
          expected,
        )
        expect(gives(KINDS, { name: 'screen', mode }, scopes)).toBe(expected)
      }
    }
  })

  test('RES-02 control or admin gives control; view gives view only', () => {
    const given = (scopes: string[]): string[] =>
      MODES.filter((mode) => gives(KINDS, { name: WALL, mode }, scopes))
    expect(given(['screen:control'])).toEqual(MODES)
    expect(given(['access:write'])).toEqual(MODES)
    expect(given(['screen:view'])).toEqual(['view'])
    expect(given(['access:read', 'camera:view', 'notes:read', 'screen', 'screen:'])).toEqual([])
  })

  test('RES-02 nothing is given of a kind or mode that there is not, not even to an admin', () => {
    for (const [name, mode] of [
      ['desk:1', 'view'],
      ['screen:1', 'drive'],
      ['camera:1', 'control'],
      ['constructor', 'view'],
      ['__proto__', 'view'],
      ['', ''],
    ] as const)
      expect(gives(KINDS, { name, mode }, ['access:write', ...SCOPES]), name).toBe(false)
  })

  test('RES-02 what is left of an access is never more than it was, and never more than the scopes give', () => {
    for (const scopes of subsets(SCOPES))
      for (const mode of MODES) {
        const left = narrowAccess(KINDS, { name: WALL, mode }, scopes)
        if (left === null) {
          expect(gives(KINDS, { name: WALL, mode: 'view' }, scopes)).toBe(false)
          continue
        }
        expect(MODES.indexOf(left.mode)).toBeLessThanOrEqual(MODES.indexOf(mode))
        expect(gives(KINDS, left, scopes)).toBe(true)
        const next = MODES[MODES.indexOf(left.mode) + 1]
        const isMost = left.mode === mode || !gives(KINDS, { name: WALL, mode: next! }, scopes)
        expect([left.name, isMost]).toEqual([WALL, true])
      }
  })

  test('RES-02 the modes of all kinds are scopes', () => {
    expect(modeScopes(KINDS)).toEqual([
      'screen:view',
      'screen:point',
      'screen:control',
      'camera:view',
    ])
  })
})

describe('RES-01', () => {
  test('RES-01 only what is named to the letter is reached, in the mode that is needed or a stronger one', () => {
    const names = [WALL, 'screen', 'screen:wall-2', 'screen:Wall-1', 'camera:wall-1', 'desk:wall-1']
    for (const held of names)
      for (const needed of names)
        for (const [has, mode] of MODES.entries())
          for (const [wants, least] of MODES.entries()) {
            const known =
              needed.startsWith('screen') || (needed.startsWith('camera') && wants === 0)
            const isIn = held === needed && known && has >= wants
            // of a camera there is one mode
            const isMode = !needed.startsWith('camera') || has === 0
            expect(
              reaches(KINDS, { name: held, mode }, { name: needed, mode: least }),
              `${held} ${mode} for ${needed} ${least}`,
            ).toBe(isIn && isMode)
          }
  })

  test('RES-01 what is sealed belongs where it is needed, what is not where nothing is', () => {
    const wall = { name: WALL, mode: 'view' }
    expect(belongs(KINDS, null, null)).toBe(true)
    expect(belongs(KINDS, wall, wall)).toBe(true)
    expect(belongs(KINDS, wall, null)).toBe(false)
    expect(belongs(KINDS, null, wall)).toBe(false)
    expect(belongs(KINDS, wall, { name: WALL, mode: 'point' })).toBe(false)
  })

  test('RES-01 a resource is a kind, or a kind and an id of 1 to 128 strict characters', () => {
    const ids = ['1', 'a'.repeat(128), 'A.b_c~d-9', '..', '~', '-']
    for (const id of ids)
      expect(parseAccess(KINDS, `screen:${id}`, 'view')).toEqual({
        name: `screen:${id}`,
        mode: 'view',
      })
    expect(parseAccess(KINDS, 'screen', 'control')).toEqual({ name: 'screen', mode: 'control' })
    const bad = [
      '',
      ':',
      'screen:',
      'screen:a b',
      'screen:a/b',
      'screen:a:b',
      'screen:a%2f',
      'screen:é',
      'screen:a\n',
      'screen\n',
      ' screen',
      'Screen',
      'screen:a?b',
      'screen:a#b',
      'screen:a\0',
      `screen:${'a'.repeat(129)}`,
      'desk:1',
      '__proto__',
      'constructor:1',
    ]
    for (const name of bad) expect(parseAccess(KINDS, name, 'view'), name).toBeNull()
    for (const mode of ['', 'VIEW', 'view ', 'drive', 'toString', '__proto__'])
      expect(parseAccess(KINDS, WALL, mode), mode).toBeNull()
  })
})
