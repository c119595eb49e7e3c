import { describeStore } from '@pair/testkit'
import { afterAll, beforeAll, describe } from 'vitest'
import { openPg } from './kit/clients.ts'
import { postgresUrl } from './kit/server.ts'
import { newSubjects, type Subjects } from './kit/subjects.ts'

// as a role or a database may set them; the third is the default, which all other suites run at
describe.each(['repeatable read', 'serializable'])('%s', (level) => {
  let subjects: Subjects
  beforeAll(async () => {
    const settings = { default_transaction_isolation: level }
    subjects = await newSubjects({ url: await postgresUrl(), open: openPg, settings })
  })
  afterAll(() => subjects.end())
  // what a watch hears is told outside of transactions
  describeStore(`pg, ${level}`, () => subjects.make(), { lacks: ['watch', 'dropWatch'] })
})
