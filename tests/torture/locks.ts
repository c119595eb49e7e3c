/** How many locks the lines of that name hold: behind a commit none is left. */
export const LOCKS_HELD = `SELECT count(*)::int AS held FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE application_name = $1 AND locktype = 'advisory'`
