import type { Pool } from 'pg'
import { putsOf, textOf, type Shape } from '../stores/shape.ts'

/**
 * What one writes who needs just this: one statement that takes the code if it is unused and what must be absent is, and only then
 * writes the rest beside it.
 */
const byHand = (record: string): string => `
  WITH taken AS (
    UPDATE ${record} SET value = $2, version = $3 WHERE key = $1 AND version = $4
      AND NOT EXISTS (SELECT FROM ${record} WHERE key = ANY ($11::text[])) RETURNING 1
  ), written AS (
    INSERT INTO ${record} (key, value, version, purge_at)
    SELECT w.key, w.value, w.version, $8::bigint
    FROM taken, unnest($5::text[], $6::text[], $7::text[]) AS w (key, value, version)
  ), told AS (
    INSERT INTO hand.item (stream, value, keys, purge_at) SELECT 'journal', $9, $10, $8::bigint FROM taken
  ) SELECT count(*) FROM taken`

/** Its tables: one like ours, and one of the bare columns, with nothing that the database holds a record to. */
export const tables = (ours: string): string => `
  CREATE SCHEMA hand;
  CREATE TABLE hand.record (LIKE ${ours} INCLUDING ALL);
  CREATE TABLE hand.bare (LIKE ${ours} INCLUDING INDEXES);
  ALTER TABLE hand.bare DROP COLUMN record;
  CREATE TABLE hand.item (
    stream text COLLATE "C", place bigserial, value text NOT NULL, keys text NOT NULL, purge_at bigint, PRIMARY KEY (stream, place)
  );
  CREATE INDEX ON hand.item (purge_at) WHERE purge_at IS NOT NULL;
  CREATE TABLE hand.code (id integer PRIMARY KEY, used boolean NOT NULL DEFAULT false);`

export async function redeemByHand(
  pool: Pool,
  table: 'record' | 'bare',
  { checks, writes }: Shape,
  codeKey: readonly string[],
): Promise<boolean> {
  const puts = putsOf(writes)
  const code = puts.find(({ key }) => textOf(key) === textOf(codeKey))!
  const others = puts.filter((put) => put !== code)
  const item = writes.find((write) => 'append' in write)!
  const { rows } = await pool.query({
    name: `by-hand-${table}`,
    text: byHand(`hand.${table}`),
    values: [
      textOf(codeKey),
      code.value,
      crypto.randomUUID(),
      'open',
      others.map(({ key }) => textOf(key)),
      others.map(({ value }) => value),
      others.map(() => crypto.randomUUID()),
      code.purgeAt,
      item.value,
      JSON.stringify(puts.map(({ key }) => textOf(key))),
      checks.filter(({ version }) => version === null).map(({ key }) => textOf(key)),
    ],
  })
  return rows[0].count === '1'
}
