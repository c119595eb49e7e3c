import { PGlite } from '@electric-sql/pglite'
import { describeStore, type StoreSubject } from '@pair/testkit'
import { afterAll, beforeAll, describe } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { openPg, openPostgresJs, type Open } from './kit/clients.ts'
import { newSchema } from './kit/open.ts'
import { postgresUrl } from './kit/server.ts'
import { newSubjects, type Subjects } from './kit/subjects.ts'

const drivers: Record<string, Open> = { pg: openPg, postgres: openPostgresJs }

describe.each(Object.entries(drivers))('%s', (name, open) => {
  let subjects: Subjects
  beforeAll(async () => {
    // the locks are those of the server, the same for every driver: one of them shows them across processes
    subjects = await newSubjects({ url: await postgresUrl(), open, remote: name === 'pg' })
  })
  afterAll(() => subjects.end())
  describeStore(name, () => subjects.make())
})

describe('PGlite', () => {
  let database: PGlite
  const schema = newSchema()
  beforeAll(async () => {
    database = await PGlite.create()
  }, 60_000)
  afterAll(() => database.close())
  // it is one session in one process: no line can be cut
  describeStore('PGlite', subject, { lacks: ['dropWatch'] })

  async function subject(): Promise<StoreSubject> {
    const open = () => postgresStore(database, { schema })
    const stores = [open(), open()]
    await stores[0]!.read(['any'])
    return {
      store: stores[0]!,
      others: stores.slice(1),
      async reopen() {
        const store = open()
        stores.push(store)
        return store
      },
      async close() {
        await Promise.all(stores.map((store) => store.close()))
        for (const name of ['record', 'counter', 'stream', 'item'])
          await database.exec(`DELETE FROM "${schema}"."pair_${name}"`)
      },
    }
  }
})
