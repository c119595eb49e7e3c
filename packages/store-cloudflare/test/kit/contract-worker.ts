import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers'
import type { Store } from '@pair/core'
import { storePromises, type StoreSubject } from '@pair/testkit/store'
import {
  answerStoreCall,
  d1Store,
  durableObjectStore,
  objectStore,
  type D1Binding,
  type ObjectNamespace,
  type StoreCall,
} from '../../src/index.ts'

/** An object by its name, or the database. */
type Place = string

interface Env {
  DB: D1Binding
  STORE: ObjectNamespace
  OTHER: { ask(place: Place, call: StoreCall): Promise<unknown> }
}

interface Stub {
  evict(): Promise<void>
  holdsInside(at: number, name: string): Promise<string>
}

const D1: Place = 'the database'

/** Where that promise does not hold: why. */
async function tell(at: number, subject: StoreSubject): Promise<string> {
  try {
    await storePromises[at]!.holds(subject)
    return ''
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}

export class TestStore extends DurableObject<Env> {
  #store = objectStore(this.ctx.storage)

  callStore(call: StoreCall): Promise<unknown> {
    return answerStoreCall(this.#store, call)
  }

  /** Ends the object as an eviction or a deployment does. */
  evict(): void {
    this.ctx.abort('evicted')
  }

  /** The promises on the store as who runs in the object has it; the other handle comes in from outside. */
  holdsInside(at: number, name: string): Promise<string> {
    return tell(at, { store: this.#store, others: [durableObjectStore(this.env.STORE, { name })] })
  }
}

const openStore = (env: Env, place: Place): Store =>
  place === D1 ? d1Store(env.DB) : durableObjectStore(env.STORE, { name: place })

/** Another Worker, with bindings of its own to the same objects and the same database. */
export class OtherWorker extends WorkerEntrypoint<Env> {
  ask(place: Place, call: StoreCall): Promise<unknown> {
    return answerStoreCall(openStore(this.env, place), call)
  }
}

/** The store as another Worker has it. */
function otherStore(env: Env, place: Place): Store {
  const ask = async (...call: StoreCall): Promise<never> =>
    structuredClone(await env.OTHER.ask(place, call)) as never
  return {
    read: (key) => ask('read', key),
    list: (prefix, page) => ask('list', prefix, page),
    commit: (checks, writes) => ask('commit', checks, writes),
    increment: (counter, by, purgeAt) => ask('increment', counter, by, purgeAt),
    tail: (stream, after, limit) => ask('tail', stream, after, limit),
    purge: (before, limit) => ask('purge', before, limit),
    time: () => ask('time'),
  }
}

async function empty(env: Env): Promise<void> {
  await d1Store(env.DB).read(['a'])
  const tables = ['pair_record', 'pair_counter', 'pair_stream', 'pair_item']
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)))
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url)
    const at = Number(url.searchParams.get('promise'))
    const place = url.pathname === '/d1' ? D1 : crypto.randomUUID()
    const toStub = (): Stub => env.STORE.get(env.STORE.idFromName(place) as never) as Stub
    if (url.pathname === '/inside') return new Response(await toStub().holdsInside(at, place))
    if (place === D1) await empty(env)
    const subject: StoreSubject = {
      store: openStore(env, place),
      others: [otherStore(env, place)],
      async reopen() {
        if (place !== D1)
          await toStub()
            .evict()
            .catch(() => {})
        return openStore(env, place)
      },
    }
    return new Response(await tell(at, subject))
  },
}
