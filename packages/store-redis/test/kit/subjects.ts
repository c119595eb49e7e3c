import { randomBytes } from 'node:crypto'
import type { StoreSubject } from '@pair/testkit'
import { redisStore, type RedisOptions, type RedisStore } from '../../src/index.ts'
import type { Open } from './clients.ts'
import { newRelay } from './relay.ts'

export interface SubjectOptions {
  /** The server itself, or one of its cluster. */
  url: string
  open: Open
  options?: RedisOptions
  /** How what hears of changes is opened on a line that can be cut; default: the stores hear on their own clients. */
  ear?: Open
}

/** Subjects of the contract. Each has a prefix of its own, so that nothing has to be emptied. */
export interface Subjects {
  make(): Promise<StoreSubject>
  end(): Promise<void>
}

export async function newSubjects({ url, open, options, ear }: SubjectOptions): Promise<Subjects> {
  const clients = [await open(url), await open(url)]
  const relay = ear && (await newRelay(url))
  const hearing = relay && (await ear(relay.url))

  return {
    async make() {
      const prefix = `t-${randomBytes(6).toString('hex')}`
      const shared: RedisOptions = { unsafe: 'allow', ...options, prefix }
      const [one, other] = clients
      const stores: RedisStore[] = [
        redisStore(one!.client, { ...shared, ...(hearing && { listen: hearing.client }) }),
        redisStore(other!.client, shared),
      ]
      return {
        store: stores[0]!,
        others: stores.slice(1),
        // counters are alone in their slots, and go by themselves
        forgetsByItself: true,
        async reopen() {
          const again = redisStore(other!.client, shared)
          stores.push(again)
          return again
        },
        ...(relay && { dropWatch: () => relay.cut(), restoreWatch: () => relay.mend() }),
        async close() {
          await relay?.mend()
          await Promise.all(stores.map((store) => store.close()))
        },
      }
    },
    async end() {
      for (const each of clients) each.end()
      hearing?.end()
      await relay?.close()
    },
  }
}
