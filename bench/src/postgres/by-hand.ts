import type { Pool } from 'pg'
import type { Put } from './arena.ts'
import type { Shape } from './shape.ts'

/**
 * What one writes who needs just this: one statement that takes the code if it is unused, and only then writes the rest beside it,
 * in a table of the same columns.
 */
export const BY_HAND = `
  WITH taken AS (
    UPDATE hand.record SET value = $2, version = $3 WHERE key = $1 AND version = $4 RETURNING 1
  ), written AS (
    INSERT INTO hand.record (key, value, version, purge_at)
    SELECT w.key, w.value, w.version, $8::bigint
    FROM taken, unnest($5::text[], $6::text[], $7::text[]) AS w (key, value, version)
  ), told AS (
    INSERT INTO hand.item (stream, value, keys, purge_at) SELECT 'journal', $9, $10, $8::bigint FROM taken
  ) SELECT count(*) FROM taken`

export const TABLES = `
  CREATE SCHEMA hand;
  CREATE TABLE hand.record (key text COLLATE "C" PRIMARY KEY, value text NOT NULL, version text NOT NULL, purge_at bigint);
  CREATE INDEX ON hand.record (purge_at) WHERE purge_at IS NOT NULL;
  CREATE TABLE hand.item (
    stream text COLLATE "C", place bigserial, value text NOT NULL, keys text NOT NULL, purge_at bigint, PRIMARY KEY (stream, place)
  );
  CREATE INDEX ON hand.item (purge_at) WHERE purge_at IS NOT NULL;
  CREATE TABLE hand.code (id integer PRIMARY KEY, used boolean NOT NULL DEFAULT false);`

const textOf = (key: readonly string[]): string => key.join(' ')

export async function redeemByHand(
  pool: Pool,
  { writes }: Shape,
  codeKey: readonly string[],
): Promise<boolean> {
  const puts = writes.filter((write) => 'key' in write && write.value !== null) as Put[]
  const code = puts.find(({ key }) => textOf(key) === textOf(codeKey))!
  const others = puts.filter((put) => put !== code)
  const item = writes.find((write) => 'append' in write)!
  const { rows } = await pool.query({
    name: 'by-hand',
    text: BY_HAND,
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
    ],
  })
  return rows[0].count === '1'
}
