import { DurableObject, env } from 'cloudflare:workers'
import {
  answerStoreCall,
  d1Store,
  durableObjectStore,
  objectStore,
  type D1Binding,
  type ObjectNamespace,
  type StoreCall,
} from '../../src/index.ts'
import { createNotes } from './notes.ts'
import type { Wiring } from './server.ts'

const { WIRING, DB, STORE, SERVER } = env as {
  WIRING: Wiring
  DB: D1Binding
  STORE: ObjectNamespace
  SERVER: ObjectNamespace
}

// a store may serve any number of requests, a Pair in a Worker one
const stores = { worker: durableObjectStore(STORE), d1: d1Store(DB) }

export class PairStore extends DurableObject {
  store = objectStore(this.ctx.storage)
  #loses: string | null = null

  /** From now on the object ends at the next commit, before it or when it is done. */
  async lose(when: string): Promise<void> {
    this.#loses = when
  }

  async callStore(call: StoreCall): Promise<unknown> {
    const loses = call[0] === 'commit' ? this.#loses : null
    if (loses === 'before') this.ctx.abort('ended before the commit')
    const answer = await answerStoreCall(this.store, call)
    if (loses === 'after') {
      await this.ctx.storage.sync()
      this.ctx.abort('ended after the commit')
    }
    return answer
  }
}

/** The whole app in one object. */
export class Server extends DurableObject {
  #answer = createNotes(objectStore(this.ctx.storage))

  fetch(request: Request): Promise<Response> {
    return this.#answer(request)
  }
}

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/operator/lose') {
      const stub = STORE.get(STORE.idFromName('pair') as never) as PairStore
      await stub.lose(searchParams.get('when') ?? '')
      return Response.json(null)
    }
    if (WIRING !== 'object') return createNotes(stores[WIRING])(request)
    const server = SERVER.get(SERVER.idFromName('notes') as never) as Server
    return server.fetch(request)
  },
}
