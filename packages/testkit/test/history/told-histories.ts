import { commit, entry, raise, read, type Line } from './script.ts'

const ABSENT_TO_X: Line = [commit({ a: null }, { a: 'x' }), 0, 10, true]
const noOrder = 'there is no order in which each answer is right, whatever became of all others'

/** What is wrong, what happens, and the window in which it is shown. */
export const wrong: readonly [string, readonly Line[], readonly string[]][] = [
  [
    'a stale read',
    [ABSENT_TO_X, [commit({}, { a: 'y' }), 20, 30, true], [read('a'), 40, 50, entry('a', 'x')]],
    [
      'a read shows what was written over before it began:',
      'p#0 commit if a is absent: a := "x" → true',
      'p#1 commit a := "y" → true',
      'p#2 read a → "x"',
    ],
  ],
  [
    'a stale entry in a list',
    [
      ABSENT_TO_X,
      [commit({}, { a: 'y' }), 20, 30, true],
      [{ do: 'list', prefix: [] }, 40, 50, [entry('a', 'x')]],
    ],
    [
      'a read shows what was written over before it began:',
      'p#0 commit if a is absent: a := "x" → true',
      'p#1 commit a := "y" → true',
      'p#2 read a → "x"',
    ],
  ],
  [
    'a read of what was before a write of unknown outcome that somebody saw',
    [
      ABSENT_TO_X,
      [commit({}, { a: 'y' }), 20, null],
      [read('a'), 30, 40, entry('a', 'y')],
      [read('a'), 50, 60, entry('a', 'x')],
    ],
    [
      'a read shows what was written over before it began:',
      'p#0 commit if a is absent: a := "x" → true',
      'p#1 commit a := "y" → unknown',
      'p#3 read a → "x"',
    ],
  ],
  [
    'two winners of one version',
    [
      ABSENT_TO_X,
      [read('a'), 20, 30, entry('a', 'x')],
      [commit({ a: 'x' }, { a: 'y' }), 40, 60, true],
      [commit({ a: 'x' }, { a: 'z' }), 50, 70, true],
    ],
    [
      'one version has two winners:',
      'p#2 commit if a is "x": a := "y" → true',
      'p#3 commit if a is "x": a := "z" → true',
    ],
  ],
  [
    'a lost acknowledged write',
    [ABSENT_TO_X, [read('a'), 20, 30, null]],
    [
      'a read shows what was written over before it began:',
      'p#0 commit if a is absent: a := "x" → true',
      'p#1 read a → absent',
    ],
  ],
  [
    'one half of a commit that is seen before the other',
    [
      [commit({}, { a: 'x', b: 'x' }), 0, 60, true],
      [read('c'), 1, 2, null],
      [read('a'), 10, 20, entry('a', 'x')],
      [read('b'), 30, 40, null],
    ],
    [`${noOrder} (shown as far as they touch a and b):`, 'p#2 read a → "x"', 'p#3 read b → absent'],
  ],
  [
    'a false that changed something',
    [
      [read('a'), 0, 10, null],
      [commit({ a: null }, { a: 'x' }), 20, 30, false],
      [read('a'), 40, 50, entry('a', 'x')],
    ],
    [
      'a commit answered false and changed something:',
      'p#1 commit if a is absent: a := "x" → false',
      'p#2 read a → "x", which nobody wrote',
    ],
  ],
  [
    'a false for which there was no reason',
    [
      ABSENT_TO_X,
      [read('a'), 20, 30, entry('a', 'x')],
      [commit({ a: 'x' }, { a: 'y' }), 40, 50, false],
    ],
    [
      `${noOrder} (shown as far as they touch a):`,
      'p#1 read a → "x"',
      'p#2 commit if a is "x": a := "y" → false',
    ],
  ],
  [
    'a read of what is written later',
    [
      [read('a'), 0, 10, entry('a', 'x')],
      [commit({}, { a: 'x' }), 20, 30, true],
    ],
    ['something is read that nobody had written:', 'p#0 read a → "x"'],
  ],
  [
    'a read that goes back',
    [
      [commit({}, { a: 'x' }), 0, 100, true],
      [commit({}, { a: 'y' }), 0, 100, true],
      [read('a'), 10, 20, entry('a', 'x')],
      [read('a'), 30, 40, entry('a', 'y')],
      [read('a'), 50, 60, entry('a', 'x')],
    ],
    [
      `${noOrder} (shown as far as they touch a):`,
      'p#2 read a → "x"',
      'p#3 read a → "y"',
      'p#4 read a → "x"',
    ],
  ],
  [
    'a total that is handed out twice',
    [
      [raise(), 0, 10, 1],
      [raise(), 0, 10, 1],
    ],
    ['one total is handed out twice:', 'p#0 increment c by 1 → 1', 'p#1 increment c by 1 → 1'],
  ],
  [
    'a counter that goes back',
    [
      [raise(2), 0, 10, 5],
      [raise(3), 20, 30, 3],
    ],
    ['a counter goes back:', 'p#0 increment c by 2 → 5', 'p#1 increment c by 3 → 3'],
  ],
  [
    'an increment of unknown outcome that took effect twice',
    [
      [raise(2), 0, null],
      [raise(), 20, 30, 5],
    ],
    [
      'a counter shows more than the 3 that were asked for: something took effect twice:',
      'p#1 increment c by 1 → 5',
    ],
  ],
  [
    'a write of unknown outcome that took effect twice',
    [
      [commit({}, { a: 'x' }), 0, null],
      [read('a'), 10, 20, entry('a', 'x')],
      [commit({}, { a: 'y' }), 30, 40, true],
      [read('a'), 50, 60, { ...entry('a', 'x'), version: 'another' }],
    ],
    [
      'what was written once has two versions: it took effect twice:',
      'p#0 commit a := "x" → unknown',
      'p#1 read a → "x"',
      'p#3 read a → "x"',
    ],
  ],
  [
    'one version of two values',
    [
      [commit({}, { a: 'x' }), 0, 100, true],
      [commit({}, { a: 'y' }), 0, 100, true],
      [read('a'), 10, 20, entry('a', 'x')],
      [read('a'), 30, 40, { ...entry('a', 'y'), version: 'v-x' }],
    ],
    ['one version has two values:', 'p#2 read a → "x"', 'p#3 read a → "y"'],
  ],
]

/** What is right, and an example. */
export const right: readonly [string, readonly Line[]][] = [
  [
    'at once a read shows the old or the new',
    [
      [commit({}, { a: 'x' }), 0, 30, true],
      [read('a'), 10, 20, null],
      [read('a'), 11, 21, entry('a', 'x')],
    ],
  ],
  [
    'an unknown commit comes true after all that was asked later',
    [
      [commit({}, { a: 'x' }), 0, null],
      [read('a'), 10, 20, null],
      [read('a'), 30, 40, entry('a', 'x')],
    ],
  ],
  [
    'an unknown commit never comes true',
    [
      [commit({}, { a: 'x' }), 0, null],
      [read('a'), 10, 20, null],
    ],
  ],
  [
    'an unknown commit that nobody sees makes another fail',
    [
      ABSENT_TO_X,
      [read('a'), 11, 12, entry('a', 'x')],
      [commit({}, { a: 'y' }), 20, null],
      [commit({ a: 'x' }, { a: 'z' }), 30, 40, false],
    ],
  ],
  [
    'an unknown increment comes true between others',
    [
      [raise(), 0, 10, 1],
      [raise(2), 20, null],
      [raise(), 30, 40, 2],
      [raise(), 50, 60, 5],
    ],
  ],
  [
    'a version is checked that no answer showed',
    [ABSENT_TO_X, [commit({ a: 'x' }, { a: 'y' }), 20, 30, true]],
  ],
  [
    'absence has two winners, and a removal between them',
    [
      ABSENT_TO_X,
      [commit({}, { a: null }), 20, 30, true],
      [commit({ a: null }, { a: 'y' }), 40, 50, true],
    ],
  ],
  [
    'a list finds each entry somewhere in its time',
    [
      ABSENT_TO_X,
      [{ do: 'list', prefix: [] }, 5, 30, [entry('a', 'x'), entry('b', 'y')]],
      [commit({}, { b: 'y' }), 20, 40, true],
    ],
  ],
  [
    'a version that no answer showed did not hold',
    [ABSENT_TO_X, [commit({ a: 'never seen' }, { a: 'y' }), 20, 30, false]],
  ],
  [
    'two wrote the same, and it has two versions',
    [
      ABSENT_TO_X,
      [read('a'), 20, 30, entry('a', 'x')],
      [commit({}, { a: 'x' }), 40, 50, true],
      [read('a'), 60, 70, { ...entry('a', 'x'), version: 'another' }],
    ],
  ],
]
