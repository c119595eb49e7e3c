import { isMigrated, nextAfter, type AppliedStep } from '../steps-to-do.ts'
import type { Sql, Transact } from './d1-database.ts'

/** Brings the schema up to date. Any number of Workers may do so at once. @throws PairError `config_invalid` for what a later version has written */
export async function migrateD1(transact: Transact): Promise<void> {
  const applied = async (): Promise<AppliedStep[]> => {
    try {
      const [rows] = await transact([['SELECT number, name FROM pair_migration ORDER BY number']])
      return rows as AppliedStep[]
    } catch (error) {
      const [known] = await transact([[isMigrated]])
      if (known?.length === 0) return []
      throw error
    }
  }
  for (let next = nextAfter(await applied()); next;) {
    const { number, name, sql } = next
    const statements: Sql[] = sql
      .split(';\n')
      .filter((text) => text.trim() !== '')
      .map((text) => [text])
    // the number is unique: of two who take a step at once, one is undone
    statements.push(['INSERT INTO pair_migration (number, name) VALUES (?, ?)', number, name])
    const failure = await transact(statements).then(
      () => null,
      (error: unknown) => ({ error }),
    )
    next = nextAfter(await applied())
    if (failure && next?.number === number) throw failure.error
  }
}
