import type { Miniflare } from 'miniflare'
import type { D1Binding, D1Statement, D1Value } from '../../src/index.ts'

interface Sent extends D1Statement {
  sql: string
  values: readonly D1Value[]
}

/** The Worker on the other side: it hands each batch to its database. */
export const remoteScript = `
export default {
  async fetch(request, { DB }) {
    try {
      const batch = await request.json()
      return Response.json(await DB.batch(batch.map(({ sql, values }) => DB.prepare(sql).bind(...values))))
    } catch (error) {
      return new Response(error.message, { status: 500 })
    }
  },
}`

/** A database of workerd for tests that run outside: one request a batch. */
export function remoteD1(workerd: Miniflare): D1Binding {
  const statement = (sql: string, values: readonly D1Value[]): Sent => ({
    sql,
    values,
    bind: (...bound) => statement(sql, bound),
  })
  return {
    prepare: (sql) => statement(sql, []),
    async batch(statements) {
      const body = JSON.stringify(statements)
      const answer = await workerd.dispatchFetch('http://localhost/', { method: 'POST', body })
      if (!answer.ok) throw new Error(await answer.text())
      return (await answer.json()) as { results: unknown[] }[]
    },
  }
}
