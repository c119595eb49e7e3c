import { expect, it } from 'vitest'
import { openPool, openRaw, openStore, schemaOfTest } from './kit/open.ts'
import { openRole } from './kit/roles.ts'
import { append, put } from './kit/writes.ts'

/** Each writes down who called it, and goes on like the function whose name it has. */
const traps = (place: string): string => `
  CREATE TABLE ${place}.loot (who text, what text);
  GRANT ALL ON ${place}.loot TO PUBLIC;
  CREATE FUNCTION ${place}.array_position(text[], text) RETURNS integer LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO ${place}.loot VALUES (current_user, $1::text); RETURN pg_catalog.array_position($1, $2); END $$;
  CREATE FUNCTION ${place}.nextval(text) RETURNS bigint LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO ${place}.loot VALUES (current_user, $1); RETURN pg_catalog.nextval($1::regclass); END $$;
  CREATE FUNCTION ${place}.unnest(text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO ${place}.loot VALUES (current_user, $1::text); RETURN QUERY SELECT pg_catalog.unnest($1); END $$;
  CREATE FUNCTION ${place}.jsonb_typeof(text) RETURNS text LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO ${place}.loot VALUES (current_user, $1); RETURN NULL; END $$;
  CREATE FUNCTION ${place}.times(numeric, integer) RETURNS numeric LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO ${place}.loot VALUES (current_user, 'times'); RETURN 0; END $$;
  CREATE OPERATOR ${place}.* (LEFTARG = numeric, RIGHTARG = integer, FUNCTION = ${place}.times);`

it('SEC-04 what another role puts into a schema of our search path is never called by us', async () => {
  const raw = await openRaw()
  const place = `${await schemaOfTest()}_x`
  const stranger = await openRole()
  await raw.query(`CREATE SCHEMA ${place}`)
  await raw.query(`GRANT ALL ON SCHEMA ${place} TO ${stranger.name}`)
  try {
    await stranger.pool.query(traps(place))
    // migrated, written and read with that schema in front of all others but the server's own
    const client = await openPool({ options: `-c search_path=${place}` })
    const store = await openStore({ client })
    const value = '{"kind":"presence","attempt":"a","purgeAt":null,"record":{"lastSeenAt":1}}'
    await store.commit([], [put(['ns', 'x'], value), append(['s'], 'item')])
    await store.commit([], [{ key: ['ns', 'x'], value: null }])
    expect(await store.increment(['c'], 1, 1)).toBe(1)
    expect((await store.tail(['s'], null, 9)).items).toHaveLength(1)
    expect(await store.list(['ns'], { limit: 9 })).toEqual([])
    expect(await store.time!()).toBeGreaterThan(1e12)
    expect(await store.purge(2, 9)).toBe(1)
    expect(await raw.query(`SELECT * FROM ${place}.loot`)).toEqual([])
    // and they are traps: what is not careful walks into them
    await client.query("SELECT array_position(ARRAY['a', 'b'], 'b'::text)")
    expect(await raw.query(`SELECT * FROM ${place}.loot`)).toHaveLength(1)
  } finally {
    await raw.query(`DROP SCHEMA ${place} CASCADE`)
  }
})

it('SEC-18 what a reader has passed stays passed, also where a commit is held up between its place and the lock that names it', async () => {
  const store = await openStore()
  const pool = await openPool({ max: 1 })
  const at = (name: string): string => `"${schema}"."pair_${name}"`
  const schema = await schemaOfTest()
  await store.commit([], [append(['s'], '1')])
  // the two halves of one expression of the procedure, taken by hand
  const held = await pool.connect()
  await held.query('BEGIN')
  const { rows } = await held.query(`SELECT nextval('${at('place')}') AS place`)
  await store.commit([], [append(['s'], '2')])
  const passed = await store.tail(['s'], null, 9)
  expect(passed.items.map(({ value }) => value)).toEqual(['1', '2'])
  await held.query(`SELECT pg_advisory_xact_lock_shared(hashtext('${at('place')}'), $1)`, [
    rows[0].place,
  ])
  const then = await store.tail(['s'], passed.latest, 9)
  expect([then.items, then.latest, then.settled]).toEqual([[], passed.latest, false])
  await held.query('COMMIT')
  held.release()
  await store.commit([], [append(['s'], '3')])
  const last = await store.tail(['s'], passed.latest, 9)
  expect(last.items.map(({ value }) => value)).toEqual(['3'])
})
