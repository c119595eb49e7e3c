import { field, instant, view } from './view-sql.ts'

/** Frozen. Which networks are, or were, locked out. */
export const lockouts: string = view('pair_lockouts', 'lockout', [
  "replace(replace(path, 'lockout ', ''), ' record', '') AS network",
  field('generation'),
  instant('lockedAt'),
])
