import { afterEach } from 'vitest'
import {
  indexedDbKeyStore,
  type KeyStore,
  type PairClient,
  type PairClientOptions,
} from '../../src/index.ts'
import { createPageServer, type PageServer } from './page-server.ts'

/** The code that a new server knows. */
export const CODE = 'AbCdEfGhIjKlMnOpQrSt_-'

/** A server, and pages that share IndexedDB and channels, as tabs of one browser do. */
export interface Browser {
  server: PageServer
  keyStore: KeyStore
  open(options?: PairClientOptions): PairClient
}

/** Makes browsers whose pages are closed after each test, and puts the address of the test page back. */
export function createBrowsers(): () => Browser {
  const here = location.href
  const opened: PairClient[] = []
  let names = 0
  afterEach(() => {
    for (const client of opened.splice(0)) client.close()
    history.replaceState(null, '', here)
  })
  return () => {
    const keyStore = indexedDbKeyStore(`pages-${Date.now()}-${names++}`)
    const server = createPageServer(keyStore)
    server.codes.add(CODE)
    return {
      server,
      keyStore,
      open(options) {
        const client = server.open(options)
        opened.push(client)
        return client
      },
    }
  }
}
