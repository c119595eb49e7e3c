import { randomBytes } from 'node:crypto'
import { storePromises, type StorePromise, type StoreSubject } from '@pair/testkit/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisStore, type EvalClient } from '../src/index.ts'
import { newRedis } from './kit/clients.ts'
import { newServer, type OwnServer } from './kit/own-server.ts'

interface Mutant {
  that: string
  /** What stands in a script, and what in its place. */
  line: string
  becomes: string
  /** How the promise begins that finds it out. */
  breaks: string
}

/** Scripts of which one line is another. */
const MUTANTS: readonly Mutant[] = [
  {
    that: 'commits over what has to be absent',
    line: ') > 0 then return 0 end',
    becomes: ') > 9 then return 0 end',
    breaks: 'of 40 commits that need one absence',
  },
  {
    that: 'commits over another version',
    line: '~= version then return 0 end',
    becomes: '== nil then return 0 end',
    breaks: 'of 40 commits that need one version',
  },
  {
    that: 'gives each record the same version',
    line: 'ARGV[a + 2 * i - 1]',
    becomes: "(string.gsub(ARGV[a + 2 * i - 1], '^%S+', 'v1.1'))",
    breaks: 'a version never comes back: not by',
  },
  {
    that: 'lists nothing',
    line: "each('ZADD', index, texts, 2 * added)",
    becomes: '',
    breaks: 'a list holds what is below whole parts',
  },
  {
    that: 'keeps what was removed',
    line: "call('DEL', unpack(KEYS, r +",
    becomes: "call('EXISTS', unpack(KEYS, r +",
    breaks: 'a commit without checks holds',
  },
  {
    that: 'appends without the keys',
    line: "'k', ARGV[13])",
    becomes: "'k', '[]')",
    breaks: 'items come in the order of their commits',
  },
  {
    that: 'forgets nothing',
    line: "each('ZADD', due, ends, e)",
    becomes: '',
    breaks: 'oldest tells of a gap',
  },
  {
    that: 'forgets by an earlier purgeAt',
    line: "each('ZREM', due, endless, n)",
    becomes: "call('ZCARD', due)",
    breaks: 'what was written again is forgotten by its last purgeAt',
  },
  {
    that: 'lets Redis forget at purgeAt',
    line: 'math.max(purgeAt + 0, now) + 86400000',
    becomes: 'now - 1',
    breaks: 'at its purgeAt a thing still counts',
  },
  {
    that: 'forgets at purgeAt and not behind it',
    line: "'-inf', '(' .. ARGV[3]",
    becomes: "'-inf', ARGV[3]",
    breaks: 'nothing is forgotten before its purgeAt',
  },
  {
    that: 'counts by one',
    line: "redis.pcall('INCRBY', counter, ARGV[1])",
    becomes: "redis.pcall('INCRBY', counter, 1)",
    breaks: 'steps of different size',
  },
  {
    that: 'leaves out the first of each page',
    line: "ARGV[3], 'LIMIT', 0, most)",
    becomes: "ARGV[3], 'LIMIT', 1, most)",
    breaks: 'pages of any size join',
  },
  {
    that: 'tells a stream from its end',
    line: "redis.call('XRANGE', stream, from, '+', 'COUNT'",
    becomes: "redis.call('XREVRANGE', stream, '+', from, 'COUNT'",
    breaks: 'items come in the order of their commits',
  },
  {
    that: 'tells of no gap',
    line: "redis.call('XRANGE', stream, purged or '-'",
    becomes: "redis.call('XRANGE', stream, '-'",
    breaks: 'from oldest on nothing is missing',
  },
]

function promiseOf({ breaks }: Mutant): StorePromise {
  const found = storePromises.filter(({ name }) => name.startsWith(breaks))
  if (found.length !== 1) throw new Error(`${found.length} promises begin with "${breaks}"`)
  return found[0]!
}

describe('a store whose scripts have one line that is wrong', () => {
  let server: OwnServer
  let redis: ReturnType<typeof newRedis>
  beforeAll(async () => {
    server = await newServer()
    await server.start()
    redis = newRedis(server.url)
  })
  afterAll(async () => {
    redis.disconnect()
    await server.remove()
  })

  /** Two stores on one prefix whose scripts are other ones. */
  function make(
    { name }: StorePromise,
    changed: (script: string) => string = (script) => script,
  ): StoreSubject & { close(): Promise<void> } {
    const client: EvalClient = {
      eval: (script, keys, args) => redis.eval(changed(script), keys.length, ...keys, ...args),
    }
    const prefix = `t-${randomBytes(6).toString('hex')}`
    const [store, other] = [1, 2].map(() => redisStore(client, { prefix, unsafe: 'allow' }))
    return {
      store: store!,
      others: [other!],
      // counters alone do: what is told of streams holds here
      forgetsByItself: !name.includes('oldest'),
      close: async () => void (await Promise.all([store!.close(), other!.close()])),
    }
  }

  it.each(MUTANTS)(
    'STO-01 is found out where it $that',
    async ({ line, becomes, ...mutant }) => {
      let isChanged = false
      const promise = promiseOf({ line, becomes, ...mutant })
      const subject = make(promise, (script) => {
        isChanged ||= script.includes(line)
        return script.replaceAll(line, becomes)
      })
      const found = await promise.holds(subject).then(
        () => 'nothing',
        (error: Error) => `${error.name}: ${error.message}`,
      )
      await subject.close()
      expect(isChanged, `no script has "${line}" any more`).toBe(true)
      expect(found).toMatch(/^AssertionError/)
    },
    30_000,
  )

  it.each([...new Set(MUTANTS.map(promiseOf))].map((promise) => [promise.name, promise] as const))(
    'STO-01 and nothing is where none is: %s',
    async (_, promise) => {
      const subject = make(promise)
      await promise.holds(subject)
      await subject.close()
    },
    30_000,
  )
})
