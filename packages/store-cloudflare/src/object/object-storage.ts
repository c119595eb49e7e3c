/** What is used of `ctx.storage` in an object whose class has SQLite storage. */
export interface ObjectStorage {
  sql: {
    exec(sql: string, ...values: (string | number | null)[]): { toArray(): unknown[] }
  }
  transactionSync<T>(work: () => T): T
}
