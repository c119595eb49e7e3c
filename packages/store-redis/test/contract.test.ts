import { basename } from 'node:path'
import { describeStore } from '@pair/testkit'
import { afterAll, beforeAll, describe } from 'vitest'
import { openEval, openIoredis, openNodeRedis } from './kit/clients.ts'
import { newServer, programs, type OwnServer } from './kit/own-server.ts'
import { newSubjects, type Subjects } from './kit/subjects.ts'

const drivers = { ioredis: openIoredis, 'node-redis': openNodeRedis }

// Redis and, where there is one, Valkey
describe.each(programs().map((program) => [basename(program), program]))(
  'one %s',
  (brand, program) => {
    let server: OwnServer
    beforeAll(async () => {
      server = await newServer({}, program)
      await server.start()
    })
    afterAll(() => server.remove())

    describe.each(Object.entries(drivers))('%s', (name, open) => {
      let subjects: Subjects
      beforeAll(async () => {
        subjects = await newSubjects({ url: server.url, open, ear: open })
      })
      afterAll(() => subjects.end())
      describeStore(`${name}, ${brand}`, () => subjects.make())
    })

    describe('eval alone', () => {
      let subjects: Subjects
      beforeAll(async () => {
        subjects = await newSubjects({ url: server.url, open: openEval })
      })
      afterAll(() => subjects.end())
      // such a client can not listen
      describeStore(`eval, ${brand}`, () => subjects.make(), { lacks: ['watch', 'dropWatch'] })
    })
  },
)
