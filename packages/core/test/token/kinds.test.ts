import { describe, expect, test, vi } from 'vitest'
import { utf8 } from '../../src/encoding/bytes.ts'
import { DAY, MINUTE } from '../../src/time.ts'
import { deriveKeys } from '../../src/token/keys-crypto.ts'
import { createSamples } from '../kit/all-kinds.ts'
import { NOON } from '../kit/clock.ts'
import { keysFrom } from '../kit/keys.ts'
import { SECRET } from '../kit/server.ts'

vi.setConfig({ testTimeout: 60_000 })

/** A link and what is typed in its place are one code, brought to one place. */
const isOne = (one: string, other: string): boolean =>
  one.endsWith(' code') && other.endsWith(' code')

describe.each(['hs256', 'eddsa'] as const)('SES-04 with %s', (signing) => {
  test('SES-04 of every ordered pair of kinds, none passes in the place of the other', async () => {
    const { samples } = await createSamples(signing)
    const names = Object.keys(samples)
    const passed: string[] = []
    for (const kind of names) {
      for (const place of names) {
        if (kind === place || isOne(kind, place)) continue
        if (await samples[place]!.accepts(samples[kind]!.text)) passed.push(`${kind} as ${place}`)
      }
    }
    expect(names).toHaveLength(14)
    expect(passed).toEqual([])
    for (const name of names.slice(0, -1))
      expect(await samples[name]!.accepts(samples[name]!.text), name).toBe(true)
  })

  test('SES-04 of every ordered pair of signed kinds the keys of one take nothing of the other', async () => {
    const kinds = ['session', 'resource', 'approval'] as const
    const keys = keysFrom(SECRET, { signing })
    const elsewhere = [
      keysFrom(SECRET, { signing, namespace: 'other' }),
      keysFrom(`${SECRET}x`, { signing }),
      keysFrom(SECRET, {
        signing,
        ring: { generations: [{ id: 'key_x', createdAt: 0, activeAt: 0, acceptUntil: null }] },
      }),
    ]
    const claims = { iss: keys.instance, aud: keys.instance, n: 1 }
    for (const one of kinds) {
      const text = await keys.sign(one, claims)
      for (const other of kinds)
        expect(await keys.verify(other, text), `${one} as ${other}`).toEqual(
          one === other ? claims : null,
        )
      for (const theirs of elsewhere) {
        expect(await theirs.verify(one, text)).toBeNull()
        expect(await keys.verify(one, await theirs.sign(one, claims))).toBeNull()
      }
    }
  })
})

test('SES-11 a token lives on when the option for what signs is changed', async () => {
  const claims = { n: 1 }
  for (const [before, after] of [
    ['hs256', 'eddsa'],
    ['eddsa', 'hs256'],
  ] as const) {
    for (const kind of ['session', 'resource', 'approval'] as const) {
      const text = await keysFrom(SECRET, { signing: before }).sign(kind, claims)
      expect(await keysFrom(SECRET, { signing: after }).verify(kind, text)).toEqual(claims)
    }
  }
})

test('SES-11 what a generation signed counts from its making until its end, to the millisecond', async () => {
  const claims = { n: 1 }
  const generation = { id: 'key_old', createdAt: NOON - DAY, activeAt: NOON - DAY } as const
  const next = {
    id: 'key_new',
    createdAt: NOON,
    activeAt: NOON + MINUTE,
    acceptUntil: null,
  } as const
  for (const signing of ['hs256', 'eddsa'] as const) {
    for (const kind of ['session', 'resource', 'approval'] as const) {
      const by = (id: 'old' | 'new'): Promise<string> => {
        const only = { ...generation, id: `key_${id}`, acceptUntil: null } as const
        return keysFrom(SECRET, { signing, ring: { generations: [only] } }).sign(kind, claims)
      }
      const verify = async (text: string, now: number): Promise<boolean> => {
        const ring = { generations: [{ ...generation, acceptUntil: NOON + DAY }, next] }
        return (await keysFrom(SECRET, { signing, ring, now }).verify(kind, text)) !== null
      }
      const [old, fresh] = [await by('old'), await by('new')]
      expect([await verify(old, NOON + DAY - 1), await verify(old, NOON + DAY)]).toEqual([
        true,
        false,
      ])
      expect([await verify(fresh, NOON), await verify(fresh, NOON + DAY)]).toEqual([true, true])
    }
  }
})

test('SEC-02 every purpose, generation and namespace has a key of its own', () => {
  const all = (['key_first', 'key_x'] as const).flatMap((id) =>
    ['pair', 'other'].flatMap((namespace) => {
      const keys = deriveKeys(utf8(SECRET), namespace, id)
      const { session, resource, approval, codePepper, refresh, nonce } = keys
      const lasting = id === 'key_first' ? [refresh, nonce] : []
      return [session.key, resource.key, approval.key, codePepper, ...lasting]
    }),
  )
  for (const key of all) expect(key).toHaveLength(32)
  expect(new Set(all.map(String)).size).toBe(20)
})
