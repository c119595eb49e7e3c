/*
 * The tables without a file: for whoever has a SQLite of another kind, as a Durable Object has. Nothing here is of Node. It is shared by
 * the stores of @pair and no promise to anybody else.
 */
export type { Connection } from './connection.ts'
export { migrations, type Migration } from './migrations/index.ts'
export { createCounterTable } from './tables/counter-table.ts'
export { createRecordTable } from './tables/record-table.ts'
export { createStreamTable } from './tables/stream-table.ts'
