import { checkHistory, checkInvariants, type HistoryVerdict } from '@pair/testkit/store'
import { describe, expect, it } from 'vitest'
import { commit, entry, historyOf, read, type Line } from './script.ts'
import { right, wrong } from './told-histories.ts'

/** The window in which a history goes wrong, as lines without instants. */
function windowOf(verdict: HistoryVerdict): string[] {
  if (verdict.ok) return ['ok']
  return verdict.at.split('\n').map((line) =>
    line
      .trim()
      .replace(/ +[\d.]+ – \S+ ms +/, ' ')
      .replace(/ {2,}/g, ' '),
  )
}

describe('a window', { timeout: 30_000 }, () => {
  it.each(wrong)('SEC-05 shows %s', (_, lines, window) => {
    expect(windowOf(checkHistory(historyOf(lines)))).toEqual(window)
  })

  it('SEC-05 names who, when in milliseconds, and shortens values that are long', () => {
    const { at } = checkHistory(
      historyOf([
        [commit({ a: null }, { a: 'x'.repeat(100), b: null }), 1e6, 2e6, true],
        [read('a'), 2_500_000, 3_250_000, null],
      ]),
    ) as { at: string }
    expect(at).toBe(
      [
        'a read shows what was written over before it began:',
        `  p#0  0.000 – 1.000 ms  commit if a is absent: a := "${'x'.repeat(60)}…", remove b  → true`,
        '  p#1  1.500 – 2.250 ms  read a  → absent',
      ].join('\n'),
    )
  })

  /** A key that is read and written over three hundred times, one after another. */
  function chain(): Line[] {
    const lines: Line[] = [[commit({}, { a: '0' }), 0, 5, true]]
    for (let n = 1; n <= 300; n++)
      lines.push(
        [read('a'), n * 20, n * 20 + 5, entry('a', `${n - 1}`)],
        [commit({ a: `${n - 1}` }, { a: `${n}` }), n * 20 + 6, n * 20 + 9, true],
      )
    return [...lines, [read('a'), 8_000, 8_010, entry('a', '300')]]
  }

  it('SEC-05 leaves out what has nothing to do with it, of hundreds', () => {
    const late: Line = [commit({ a: '150' }, { a: 'late' }), 9_000, 9_010, true]
    expect(windowOf(checkHistory(historyOf([...chain(), late])))).toEqual([
      'one version has two winners:',
      'p#302 commit if a is "150": a := "151" → true',
      'p#602 commit if a is "150": a := "late" → true',
    ])
  })

  it('SEC-05 stays short where all of hundreds have to do with it, and shows who wrote what is in it', () => {
    const refused: Line = [commit({ a: '300' }, { a: 'end' }), 9_020, 9_030, false]
    expect(windowOf(checkHistory(historyOf([...chain(), refused])))).toEqual([
      'there is no order in which each answer is right, whatever all others checked (shown as far as they touch a):',
      'p#600 commit if a is "299": a := "300" → true',
      'p#602 commit if a is "300": a := "end" → false',
    ])
  })
})

describe('a history is right where', () => {
  it.each(right)('SEC-05 %s', (_, lines) => {
    expect(checkHistory(historyOf(lines))).toEqual({ ok: true })
    expect(checkInvariants(historyOf(lines))).toEqual({ ok: true })
  })
})

describe('the invariants', () => {
  const unseen = [
    'one half of a commit that is seen before the other',
    'a false for which there was no reason',
    'a read that goes back',
  ]
  it.each(wrong)('SEC-05 find %s, or leave it to the search', (name, lines) => {
    expect(checkInvariants(historyOf(lines)).ok).toBe(unseen.includes(name))
  })
})
