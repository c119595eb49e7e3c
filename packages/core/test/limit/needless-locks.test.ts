import { expect, test } from 'vitest'
import { createGuessing } from '../kit/attempts.ts'
import { networkAddress, times, LOCK_MS } from '../kit/guessers.ts'
import { ROOMY } from '../kit/roomy.ts'

const MOST = 10_000

test('LIM-05 ever other networks that bring no links leave no more than ten thousand locks; who types is locked still', async () => {
  const { clock, guess } = createGuessing({ limits: ROOMY })
  const wrong = async (
    of: 'typed' | 'unguessable',
    count: number,
    from: number,
  ): Promise<string[]> => {
    const told: string[] = []
    for (let left = count; left > 0; left--) told.push(await guess(of, networkAddress(from)))
    return told
  }
  for (let network = 0; network < MOST; network++)
    expect((await wrong('unguessable', 10, network)).at(-1)).toBe('judged')
  expect(await wrong('unguessable', 1, 0)).toEqual(['locked_out'])
  expect(await wrong('unguessable', 1, MOST - 1)).toEqual(['locked_out'])
  // One more is not locked for what nobody guesses anyhow;
  expect(await wrong('unguessable', 30, MOST)).toEqual(times(30, 'judged'))
  // for what can be guessed it is, and what it brought before counts.
  expect(await wrong('typed', 2, MOST)).toEqual(times(2, 'locked_out'))
  expect(await wrong('typed', 11, MOST + 1)).toEqual([...times(10, 'judged'), 'locked_out'])
  clock.advance(LOCK_MS)
  expect(await wrong('unguessable', 11, MOST + 2)).toEqual([...times(10, 'judged'), 'locked_out'])
}, 30_000)
