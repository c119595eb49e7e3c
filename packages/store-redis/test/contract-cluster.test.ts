import { basename } from 'node:path'
import { describeStore } from '@pair/testkit'
import { afterAll, beforeAll, describe } from 'vitest'
import {
  openIoredis,
  openIoredisCluster,
  openNodeRedis,
  openNodeRedisCluster,
} from './kit/clients.ts'
import { newCluster, type OwnCluster } from './kit/cluster.ts'
import { programs } from './kit/own-server.ts'
import { newSubjects, type Subjects } from './kit/subjects.ts'

const drivers = {
  ioredis: { open: openIoredisCluster, ear: openIoredis },
  'node-redis': { open: openNodeRedisCluster, ear: openNodeRedis },
}

// Redis and, where there is one, Valkey
describe.each(programs().map((program) => [basename(program), program]))(
  'three servers of %s',
  (server, program) => {
    let cluster: OwnCluster
    beforeAll(async () => {
      cluster = await newCluster({}, { program })
    }, 60_000)
    afterAll(() => cluster.remove())

    describe.each(Object.entries(drivers))('%s', (name, { open, ear }) => {
      let subjects: Subjects
      beforeAll(async () => {
        // a node hears what another one is told: a line to any can be cut
        subjects = await newSubjects({ url: cluster.url, open, ear })
      })
      afterAll(() => subjects.end())
      describeStore(`${name}, cluster of ${server}`, () => subjects.make())
    })

    describe.each(Object.entries(drivers))('%s, listening by itself', (name, { open }) => {
      let subjects: Subjects
      beforeAll(async () => {
        subjects = await newSubjects({ url: cluster.url, open })
      })
      afterAll(() => subjects.end())
      describeStore(`${name}, listening on the cluster of ${server}`, () => subjects.make(), {
        lacks: ['dropWatch'],
      })
    })
  },
)
