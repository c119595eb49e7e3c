import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { freshFile } from './files.ts'
import { openStore } from './open.ts'
import { append, put, T0, valueOf } from './writes.ts'

test('STO-04 the file is JSON that a person can read: what it is, records by key, values as JSON, times as dates', async () => {
  const file = freshFile()
  const store = openStore(file, { clock: () => T0 })
  const session = { kind: 'session', record: { label: 'Žofie’s phone', scopes: ['notes:read'] } }
  await store.commit(
    [],
    [
      put(['pair', 'session', 'ses_1', 'record'], JSON.stringify(session), T0 + 60_000),
      put(['pair', 'epoch'], 'plain text'),
      append(['pair', 'journal'], '{"type":"code.redeemed"}', T0 + 1),
    ],
  )
  await store.increment(['pair', 'limit', '192.0.2.1'], 2, T0)
  const text = readFileSync(file, 'utf8').replaceAll(/"(version|sum)": "[^"]+"/g, '"$1": "…"')
  expect(text).toMatchInlineSnapshot(`
    "{
      "format": "pair file store",
      "formatVersion": 1,
      "sum": "…",
      "revision": 1800000000001,
      "birth": "2027-01-15T08:00:00.000Z",
      "appended": 1,
      "records": [
        {
          "key": "pair epoch",
          "version": "…",
          "purgeAt": null,
          "value": "plain text"
        },
        {
          "key": "pair session ses_1 record",
          "version": "…",
          "purgeAt": "2027-01-15T08:01:00.000Z",
          "value": {
            "kind": "session",
            "record": {
              "label": "Žofie’s phone",
              "scopes": [
                "notes:read"
              ]
            }
          }
        }
      ],
      "streams": [
        {
          "key": "pair journal",
          "latest": "0mywpiww0-000000001",
          "purged": ""
        }
      ],
      "items": [
        {
          "stream": "pair journal",
          "position": "0mywpiww0-000000001",
          "keys": [
            "pair session ses_1 record",
            "pair epoch"
          ],
          "purgeAt": "2027-01-15T08:00:00.001Z",
          "value": {
            "type": "code.redeemed"
          }
        }
      ]
    }
    "
  `)
  expect(JSON.parse(readFileSync(`${file}.counters`, 'utf8'))).toEqual({
    format: 'pair file store counters',
    formatVersion: 1,
    revision: 1,
    counters: [{ key: 'pair limit 192.0.2.1', total: 2, purgeAt: new Date(T0).toISOString() }],
    sum: expect.stringMatching(/^[\w-]{22}$/) as string,
  })
})

test('STO-01 what only looks like JSON stays the text that it is, and comes back to the letter in another process', async () => {
  const file = freshFile()
  const store = openStore(file)
  const values = [
    '{"a": 1}',
    '{"a":1 }',
    '{"b":1,"1":2}',
    '{"a":1,"a":2}',
    '{"a":1e3}',
    '{"a":-0}',
    '{"a":1.0}',
    '{"a":12345678901234567890}',
    '{"__proto__":{"a":1},"constructor":null}',
    '{"a":"\\u0041"}',
    '{"a":"\\ud800"}',
    '["\u2028",{"a":"\u2028\\n"}]',
    '[]',
    '{}',
    '"text"',
    '1',
    'null',
    'true',
    '',
    '[',
    '\ufeff{}',
    `${'['.repeat(40)}${']'.repeat(40)}`,
    `${'['.repeat(500_000)}${']'.repeat(500_000)}`,
    JSON.stringify(Array.from({ length: 20_000 }, (_, n) => n)),
  ]
  await store.commit(
    [],
    values.map((value, n) => put(['v', String(n)], value)),
  )
  const other = openStore(file)
  for (const [n, value] of values.entries())
    expect((await valueOf(other, ['v', String(n)])) === value, value.slice(0, 40)).toBe(true)
  // and nothing of it counts as edited
  expect(await other.list(['v'], { limit: 99 })).toEqual(await store.list(['v'], { limit: 99 }))
  const before = readFileSync(file, 'utf8')
  await openStore(file).list(['v'], { limit: 99 })
  expect(readFileSync(file, 'utf8')).toBe(before)
})

test('instants beyond all dates are kept', async () => {
  const file = freshFile()
  const store = openStore(file)
  const far = [8.64e15, 8.64e15 + 1, Number.MAX_SAFE_INTEGER, 0]
  await store.commit(
    [],
    far.map((at, n) => put([String(n)], 'x', at)),
  )
  const other = openStore(file)
  expect(await other.list([], { limit: 9 })).toEqual(await store.list([], { limit: 9 }))
  expect(await other.purge(8.64e15 + 1, 9)).toBe(2)
  expect(await other.purge(Number.MAX_SAFE_INTEGER, 9)).toBe(1)
})
