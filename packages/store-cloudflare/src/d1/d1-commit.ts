import type { Check } from '@pair/core'
import { toKeyText, type Step } from '@pair/core/store'
import { inRows, type Sql } from './d1-database.ts'

/**
 * A commit as the statements of one transaction. A pass is made, and taken back where a check does not hold; what is written is
 * written only while there is the pass. The last statement answers it, if there is still one, and removes it.
 */
export function toCommit(
  pass: string,
  checks: readonly Check[],
  steps: readonly Step[],
  newVersion: () => string,
): Sql[] {
  const hasPass = 'EXISTS (SELECT 1 FROM pair_meta WHERE name = ?)'
  const needs = checks.map(({ key, version }) => [toKeyText(key), version])
  const puts = steps.flatMap((step) =>
    step.do === 'put' ? [[step.id, step.value, newVersion(), step.purgeAt]] : [],
  )
  const removes = steps.flatMap((step) => (step.do === 'remove' ? [[step.id]] : []))
  const keys = steps.flatMap((step) => (step.do === 'append' ? [] : [step.id]))
  return [
    ["INSERT INTO pair_meta (name, value) VALUES (?, '')", pass],
    ...inRows(needs, (table, values) => [
      `DELETE FROM pair_meta WHERE name = ? AND EXISTS
       (SELECT 1 FROM ${table} AS need LEFT JOIN pair_record AS r ON r.key = need.column1
        WHERE r.version IS NOT need.column2)`,
      pass,
      ...values,
    ]),
    ...inRows(removes, (table, values) => [
      `DELETE FROM pair_record WHERE ${hasPass} AND key IN ${table}`,
      pass,
      ...values,
    ]),
    ...inRows(puts, (table, values) => [
      `INSERT INTO pair_record (key, value, version, purge_at)
       SELECT column1, column2, column3, column4 FROM ${table} WHERE ${hasPass} ON CONFLICT (key) DO UPDATE
       SET value = excluded.value, version = excluded.version, purge_at = excluded.purge_at`,
      ...values,
      pass,
    ]),
    ...steps.flatMap((step): Sql[] => {
      if (step.do !== 'append') return []
      const { id, value, purgeAt } = step
      return [
        [
          `INSERT INTO pair_stream (stream, latest) SELECT ?, 1 WHERE ${hasPass} ON CONFLICT (stream) DO UPDATE
           SET latest = latest + 1`,
          id,
          pass,
        ],
        [
          `INSERT INTO pair_item (stream, number, value, keys, purge_at)
           SELECT stream, latest, ?, ?, ? FROM pair_stream WHERE stream = ? AND ${hasPass}`,
          value,
          JSON.stringify(keys),
          purgeAt,
          id,
          pass,
        ],
      ]
    }),
    ['DELETE FROM pair_meta WHERE name = ? RETURNING name', pass],
  ]
}
