/** As any JSON may be. */
// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any

/** Files that are not as they were written: what they are, what is said of it, and how they come of a good one. */
export const damagedFiles: [
  name: string,
  why: string,
  make: (good: string) => string | Uint8Array,
][] = [
  ['is empty', 'it is empty', () => ''],
  ['is blank', 'it is empty', () => ' \n'],
  ['lacks its end', 'it is not JSON', (good) => good.slice(0, -3)],
  ['is half', 'it is not JSON', (good) => good.slice(0, good.length / 2)],
  ['is zeros', 'it is not JSON', (good) => new Uint8Array(good.length)],
  ['is there twice', 'it is not JSON', (good) => good + good],
  [
    'is no UTF-8',
    'it is not text in UTF-8',
    (good) => Buffer.from(good.replace('owner', 'own\xe9r'), 'latin1'),
  ],
  ['is a list', 'the file is not an object', () => '[]'],
  ['is null', 'the file is not an object', () => 'null'],
  ['is an empty object', 'it does not say that it is ours', () => '{}'],
  [
    'is of another program',
    'it does not say that it is ours',
    (good) => edit(good, (d) => (d['format'] = 'x')),
  ],
  [
    'has no version',
    'formatVersion is not a whole number',
    (good) => edit(good, (d) => delete d['formatVersion']),
  ],
  [
    'has no revision',
    'revision is not a whole number',
    (good) => edit(good, (d) => delete d['revision']),
  ],
  [
    'has a birth in far ages',
    'birth is not an instant',
    (good) => edit(good, (d) => (d['birth'] = 36 ** 9)),
  ],
  ['has no birth', 'birth is missing', (good) => edit(good, (d) => (d['birth'] = null))],
  [
    'has a birth that is none',
    'birth is not an instant',
    (good) => edit(good, (d) => (d['birth'] = 'soon')),
  ],
  ['has no records', 'records is not a list', (good) => edit(good, (d) => delete d['records'])],
  [
    'has records by name',
    'records is not a list',
    (good) => edit(good, (d) => (d['records'] = {})),
  ],
  [
    'has a record that is null',
    'records[0] is not an object',
    (good) => edit(good, (d) => (d['records'][0] = null)),
  ],
  [
    'has a record without a key',
    'records[0].key is not a key',
    (good) => edit(good, (d) => delete d['records'][0].key),
  ],
  [
    'has a key that is none',
    'records[0].key is not a key',
    (good) => edit(good, (d) => (d['records'][0].key = 'a  b')),
  ],
  [
    'has a record twice',
    'records[1].key is there twice',
    (good) => edit(good, (d) => d['records'].push(d['records'][0])),
  ],
  [
    'has a value that is a number',
    'records[0].value is not a value',
    (good) => edit(good, (d) => (d['records'][0].value = 1)),
  ],
  [
    'has no value',
    'records[0].value is not a value',
    (good) => edit(good, (d) => delete d['records'][0].value),
  ],
  [
    'has a value with NUL',
    'records[0].value is not a value',
    (good) => edit(good, (d) => (d['records'][0].value = 'a\0')),
  ],
  [
    'has a version that is a number',
    'records[0].version is not a text',
    (good) => edit(good, (d) => (d['records'][0].version = 1)),
  ],
  [
    'has no purgeAt',
    'records[0].purgeAt is not an instant',
    (good) => edit(good, (d) => delete d['records'][0].purgeAt),
  ],
  [
    'has a purgeAt that is no date',
    'records[0].purgeAt is not an instant',
    (good) => edit(good, (d) => (d['records'][0].purgeAt = 'never')),
  ],
  [
    'has a purgeAt before 1970',
    'records[0].purgeAt is not an instant',
    (good) => edit(good, (d) => (d['records'][0].purgeAt = -1)),
  ],
  [
    'has items turned round',
    'items[1].position is out of order',
    (good) => edit(good, (d) => d['items'].reverse()),
  ],
  [
    'has an item twice',
    'items[1].position is out of order',
    (good) => edit(good, (d) => d['items'].splice(1, 0, d['items'][0])),
  ],
  [
    'has items of no stream',
    'items[0].position is out of order',
    (good) => edit(good, (d) => (d['streams'] = [])),
  ],
  [
    'has an item without keys',
    'items[0].keys is not a list',
    (good) => edit(good, (d) => delete d['items'][0].keys),
  ],
  [
    'forgot what it gave out',
    'appended is below what was appended',
    (good) => edit(good, (d) => (d['appended'] = 1)),
  ],
  [
    'is deep beyond measure',
    'it is nested too deep',
    (good) => good.replace('"name": "a"', `"name": ${'['.repeat(200_000)}${']'.repeat(200_000)}`),
  ],
]

/** The same of the file of counters. */
export const damagedCounts: typeof damagedFiles = [
  ['is empty', 'it is empty', () => ''],
  ['is half', 'it is not JSON', (good) => good.slice(0, good.length / 2)],
  ['is that of the records', 'it does not say that it is ours', recordsInstead],
  ['has no counters', 'counters is not a list', (good) => edit(good, (d) => delete d['counters'])],
  [
    'has half a count',
    'counters[0].total is not a whole number',
    (good) => edit(good, (d) => (d['counters'][0].total = 0.5)),
  ],
  [
    'has a count below 0',
    'counters[0].total is not a whole number',
    (good) => edit(good, (d) => (d['counters'][0].total = -1)),
  ],
  [
    'has a counter for ever',
    'counters[0].purgeAt is missing',
    (good) => edit(good, (d) => (d['counters'][0].purgeAt = null)),
  ],
  [
    'has a counter twice',
    'counters[1].key is there twice',
    (good) => edit(good, (d) => d['counters'].push(d['counters'][0])),
  ],
]

function recordsInstead(good: string): string {
  return edit(good, (d) => (d['format'] = 'pair file store'))
}

function edit(good: string, change: (document: Loose) => unknown): string {
  const document = JSON.parse(good) as Loose
  change(document)
  return JSON.stringify(document)
}
