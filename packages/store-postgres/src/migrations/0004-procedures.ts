import type { Names } from './names.ts'

/**
 * Frozen. Everything that writes is a procedure: it is one round trip, and it may leave the isolation level that a role or a
 * database has set. Ours waits for locks first and looks afterwards, which only READ COMMITTED does with fresh eyes.
 */
export const procedures = (at: Names): string => {
  const seed = `hashtextextended('${at('record')}', 0)`
  const lane = `(hashtext('${at('place')}'))`
  const begin = `
  IF pg_catalog.current_setting('transaction_isolation') <> 'read committed' THEN
    COMMIT;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  END IF;
  -- else what others put into a schema of this role's search path would be called in place of what is meant
  _ := pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  -- what was answered is on the disk, whatever the role gave up for speed: else a crash would bring back what was used
  IF current_setting('synchronous_commit') = 'off' THEN
    _ := set_config('synchronous_commit', 'on', true);
  END IF;
  -- one plan for all calls, as making one takes longer than to carry it out; and none that reads all of a table, however tiny it was
  _ := set_config('plan_cache_mode', 'force_generic_plan', true) || set_config('enable_seqscan', 'off', true)
    || set_config('jit', 'off', true) || set_config('array_nulls', 'on', true) || set_config('lock_timeout', patience::text, true);`
  // what is read often is a function for the same reason
  const reader = (name: string, takes: string, answers: string, query: string): string => `
CREATE FUNCTION ${at(name)}(${takes}) RETURNS TABLE (${answers}) LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY ${query};
END
$$;
`
  return `
/*
  Carries out commits one after the other, and answers the numbers of those of which a check did not hold.
  Arrays run side by side: locks (key, is it written), rounds (of each commit, up to the last), checks, writes, items.
  Commits of one round touch nothing in common, so each round is one statement; the last tells of all, in their order.
  Locks are taken in the order in which they come: that of their keys, so that nobody waits in a circle.
*/
CREATE PROCEDURE ${at('commit')}(
  patience integer, lock_keys text, lock_writes text, last_round integer, rounds text,
  check_of text, check_keys text, check_versions text,
  write_of text, write_keys text, write_values text, write_versions text, write_purges text,
  item_of text, item_streams text, item_values text, item_keys text, item_purges text,
  INOUT lost text
) LANGUAGE plpgsql AS $$
DECLARE
  _ text;
  round_of integer[];
  losers integer[] := '{}';
  found integer[];
BEGIN${begin}
  -- the absent are locked as well
  PERFORM CASE WHEN l.written THEN pg_advisory_xact_lock(hashtextextended(l.key, ${seed}))::text
    ELSE pg_advisory_xact_lock_shared(hashtextextended(l.key, ${seed}))::text END
  FROM unnest(lock_keys::text[], lock_writes::boolean[]) AS l (key, written);
  IF clock_timestamp() - statement_timestamp() > make_interval(secs => patience / 1000.0) THEN
    RAISE lock_not_available USING MESSAGE = 'the locks came too late';
  END IF;
  IF item_of <> '{}' THEN
    -- says below which place nothing of ours is to come any more; held until the items are seen
    _ := pg_advisory_xact_lock_shared(${lane}, (nextval('${at('place')}') & 2147483647::bigint)::integer)::text;
  END IF;

  round_of := rounds;
  FOR turn IN 0 .. last_round LOOP
    WITH lost AS MATERIALIZED (
      SELECT DISTINCT c.of
      FROM unnest(check_of::integer[], check_keys::text[], check_versions::text[]) AS c (of, key, version)
      WHERE round_of[c.of] = turn
        AND (SELECT r.version FROM ${at('record')} AS r WHERE r.key = c.key) IS DISTINCT FROM c.version
    ), put AS (
      INSERT INTO ${at('record')} AS r (key, value, version, purge_at)
      SELECT w.key, w.value, w.version, w.purge_at
      FROM unnest(
        write_of::integer[], write_keys::text[], write_values::text[], write_versions::text[], write_purges::bigint[]
      ) AS w (of, key, value, version, purge_at)
      WHERE w.value IS NOT NULL AND round_of[w.of] = turn AND w.of NOT IN (SELECT l.of FROM lost AS l)
      ON CONFLICT (key) DO UPDATE
      SET value = excluded.value, version = excluded.version, purge_at = excluded.purge_at
    ), told AS (
      INSERT INTO ${at('item')} (stream, place, value, keys, purge_at)
      SELECT i.stream, nextval('${at('place')}'), i.value, i.keys, i.purge_at
      FROM unnest(
        item_of::integer[], item_streams::text[], item_values::text[], item_keys::text[], item_purges::bigint[]
      ) AS i (of, stream, value, keys, purge_at)
      WHERE turn = last_round AND i.of <> ALL (losers) AND i.of NOT IN (SELECT l.of FROM lost AS l)
    ) SELECT array_agg(l.of) INTO found FROM lost AS l;
    losers := losers || coalesce(found, '{}');

    IF position('NULL' IN write_versions) > 0 THEN
      DELETE FROM ${at('record')} AS r WHERE r.key = ANY (ARRAY(
        SELECT w.key FROM unnest(write_of::integer[], write_keys::text[], write_values::text[]) AS w (of, key, value)
        WHERE w.value IS NULL AND round_of[w.of] = turn AND w.of <> ALL (losers)
      ));
    END IF;
  END LOOP;
  lost := losers::text;
END
$$;

/* Raises counters, each named once, and answers their totals as {"key": total}. */
CREATE PROCEDURE ${at('raise')}(patience integer, keys text, amounts text, purges text, INOUT totals text)
LANGUAGE plpgsql AS $$
DECLARE
  _ text;
BEGIN${begin}
  WITH raised AS (
    INSERT INTO ${at('counter')} AS c (key, total, purge_at)
    SELECT * FROM unnest(keys::text[], amounts::bigint[], purges::bigint[]) AS u (key, total, purge_at)
    ORDER BY u.key COLLATE "C"
    ON CONFLICT (key) DO UPDATE
    SET total = c.total + excluded.total, purge_at = greatest(c.purge_at, excluded.purge_at)
    RETURNING c.key, c.total
  ) SELECT json_object_agg(key, total)::text INTO totals FROM raised;
END
$$;

/* Up to where a stream may be read: whatever comes later, comes behind it. Neither answer depends on a snapshot. */
CREATE FUNCTION ${at('horizon')}(OUT upto bigint, OUT newest bigint, OUT settled boolean) LANGUAGE plpgsql AS $$
DECLARE
  pending bigint;
BEGIN
  SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO newest FROM ${at('place')};
  -- half of a place was kept; the other half is that of the newest, as long as a commit takes
  SELECT newest - max((newest - objid::bigint) & 2147483647::bigint) INTO pending FROM pg_locks
  WHERE locktype = 'advisory' AND objsubid = 2 AND classid = (${lane}::bigint & 4294967295)::oid
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND ((newest - objid::bigint) & 2147483647::bigint) < 1073741824;
  upto := coalesce(pending, newest);
  settled := upto = newest;
END
$$;

/* Forgets what is due, but nothing that a commit is looking at. */
CREATE PROCEDURE ${at('purge')}(patience integer, before bigint, most integer, INOUT gone integer)
LANGUAGE plpgsql AS $$
DECLARE
  _ text;
  more integer;
  horizon bigint;
BEGIN${begin}
  horizon := (SELECT upto FROM ${at('horizon')}());
  WITH due AS (
    SELECT i.stream, i.place FROM ${at('item')} AS i
    WHERE i.purge_at < before AND i.place <= horizon ORDER BY i.purge_at LIMIT most FOR UPDATE SKIP LOCKED
  ), forgotten AS (
    DELETE FROM ${at('item')} AS i USING due WHERE (i.stream, i.place) = (due.stream, due.place)
    RETURNING i.stream, i.place
  ), marked AS (
    INSERT INTO ${at('stream')} AS s (stream, purged)
    SELECT f.stream, max(f.place) FROM forgotten AS f GROUP BY f.stream ORDER BY f.stream
    ON CONFLICT (stream) DO UPDATE SET purged = greatest(s.purged, excluded.purged)
  ) SELECT count(*) INTO gone FROM forgotten;

  WITH due AS MATERIALIZED (
    SELECT r.key FROM ${at('record')} AS r WHERE r.purge_at < before ORDER BY r.purge_at LIMIT most - gone
  ), free AS MATERIALIZED (
    SELECT due.key FROM due WHERE pg_try_advisory_xact_lock(hashtextextended(due.key, ${seed}))
  ), forgotten AS (
    DELETE FROM ${at('record')} AS r USING free WHERE r.key = free.key AND r.purge_at < before RETURNING 1
  ) SELECT count(*) INTO more FROM forgotten;
  gone := gone + more;

  WITH due AS (
    SELECT c.key FROM ${at('counter')} AS c WHERE c.purge_at < before
    ORDER BY c.purge_at LIMIT most - gone FOR UPDATE SKIP LOCKED
  ), forgotten AS (
    DELETE FROM ${at('counter')} AS c USING due WHERE c.key = due.key RETURNING 1
  ) SELECT count(*) INTO more FROM forgotten;
  gone := gone + more;
END
$$;
${reader(
  'list',
  'text, text, bigint',
  'key text, value text, version text',
  `SELECT key, value, version FROM ${at('record')} WHERE key > $1 AND key < $2 ORDER BY key LIMIT $3`,
)}
${reader('total', 'text', 'total text', `SELECT total::text FROM ${at('counter')} WHERE key = $1`)}
/* Items of a stream behind a place, up to another, and its ends. One statement, so that nothing is forgotten in between. */
${reader(
  'tail',
  'text, bigint, bigint, bigint',
  'oldest text, latest text, place text, value text, keys text',
  `
  WITH forgotten AS (SELECT coalesce(max(purged), 0) AS upto FROM ${at('stream')} WHERE stream = $1)
  SELECT (
      SELECT place FROM ${at('item')} WHERE stream = $1 AND place > forgotten.upto AND place <= $3 ORDER BY place LIMIT 1
    )::text,
    greatest(
      (SELECT place FROM ${at('item')} WHERE stream = $1 AND place <= $3 ORDER BY place DESC LIMIT 1), forgotten.upto
    )::text,
    i.place::text, i.value, i.keys
  FROM forgotten LEFT JOIN (
    SELECT place, value, keys FROM ${at('item')} WHERE stream = $1 AND place > $2 AND place <= $3 ORDER BY place LIMIT $4
  ) AS i ON TRUE ORDER BY i.place`,
)}`
}
