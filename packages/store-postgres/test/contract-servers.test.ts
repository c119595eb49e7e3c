import { describeStore } from '@pair/testkit'
import { afterAll, beforeAll, describe } from 'vitest'
import { openPg } from './kit/clients.ts'
import { newServer, type OwnServer } from './kit/own-server.ts'
import { findPgbouncer, newPgbouncer, type Pgbouncer } from './kit/pgbouncer.ts'
import { postgresUrl } from './kit/server.ts'
import { newSubjects, type Subjects } from './kit/subjects.ts'

describe('the newest server', () => {
  let server: OwnServer
  let subjects: Subjects
  beforeAll(async () => {
    server = await newServer(['fsync=off'])
    await server.start()
    subjects = await newSubjects({ url: server.url, open: openPg })
  }, 60_000)
  afterAll(async () => {
    await subjects.end()
    await server.remove()
  })
  describeStore('pg, Postgres 18', () => subjects.make())
})

const program = findPgbouncer()
describe.skipIf(program === null)(
  'behind a pooler (apt-get install pgbouncer, or PGBOUNCER_PATH)',
  () => {
    let bouncer: Pgbouncer
    let subjects: Subjects
    beforeAll(async () => {
      const url = await postgresUrl()
      bouncer = await newPgbouncer(program!, url)
      subjects = await newSubjects({ url, via: bouncer.url, open: openPg })
    }, 60_000)
    afterAll(async () => {
      await subjects.end()
      await bouncer.remove()
    })
    // it listens on the server itself, as without a pooler
    describeStore('pg, pgbouncer by transaction', () => subjects.make(), { lacks: ['dropWatch'] })
  },
)
