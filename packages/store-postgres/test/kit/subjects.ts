import type { StoreSubject } from '@pair/testkit'
import { postgresStore, type PostgresStore } from '../../src/index.ts'
import { newPool, type Open } from './clients.ts'
import { newSchema } from './open.ts'
import { newRelay } from './relay.ts'
import { remoteStore, type RemoteStore } from './remote-store.ts'
import { slowPool } from './slow-pool.ts'

export interface SubjectOptions {
  /** The server itself. */
  url: string
  /** Where the stores find it; default: there. */
  via?: string
  open: Open
  /** Settings of the server for each line. */
  settings?: Record<string, string>
  /** Shall one of the handles be that of another process? */
  remote?: boolean
}

/** Subjects of the contract in one schema, which is emptied after each. To make a schema takes longer than most promises. */
export interface Subjects {
  make(): Promise<StoreSubject>
  end(): Promise<void>
}

export async function newSubjects(options: SubjectOptions): Promise<Subjects> {
  const { url, via = url, open, settings, remote } = options
  const schema = newSchema()
  const relay = await newRelay(url)
  const admin = newPool({ connectionString: url, max: 1 })
  const clients = [open(via, settings), open(via, settings)]
  const ear = open(relay.url, settings)
  const slow = newPool({ connectionString: via, max: 5 })
  const remotes: RemoteStore[] = remote ? [remoteStore(url, { schema })] : []
  const tables = ['record', 'counter', 'stream', 'item'].map((name) => `"${schema}"."pair_${name}"`)

  return {
    async make() {
      const [one, other] = clients
      const stores: PostgresStore[] = [
        postgresStore(one!.client, { schema, listen: ear.client }),
        postgresStore(other!.client, { schema, listen: false }),
        postgresStore(slowPool(slow), { schema, listen: false }),
      ]
      const [store, second, slowStore] = stores
      await store!.read(['any'])
      return {
        store: store!,
        others: [second!, ...remotes],
        slowStore: slowStore!,
        async reopen() {
          const again = postgresStore(other!.client, { schema, listen: false })
          stores.push(again)
          return again
        },
        dropWatch: () => relay.cut(),
        restoreWatch: () => relay.mend(),
        async close() {
          await relay.mend()
          await Promise.all(stores.map((each) => each.close()))
          await admin.query(tables.map((name) => `DELETE FROM ${name};`).join('\n'))
        },
      }
    },
    async end() {
      await Promise.all(remotes.map((each) => each.close()))
      await Promise.all([...clients, ear, slow].map((each) => each.end()))
      await relay.close()
      await admin.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
      await admin.end()
    },
  }
}
