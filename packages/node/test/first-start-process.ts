// A server of an approval mode, as somebody starts it: prints its banner, and then where it listens.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPair, isPairError, memoryStore } from '@pair/core'
import { sqliteStore } from '../../store-sqlite/src/index.ts'
import { fileSecrets, ownerBanner, sendResponse, toRequest, toRequestInfo } from '../src/index.ts'

function refuse(error: unknown): void {
  if (!isPairError(error)) throw error
  console.log(`${error.code}: ${error.message} ${error.hint}`)
  console.log('refused')
  process.exit(1)
}

try {
  const secret = process.env['TEST_SECRET'] ?? fileSecrets('.data')
  const pair = createPair({
    secret,
    store: typeof secret === 'string' ? memoryStore() : sqliteStore('.data/pair.db'),
    admission: 'approval',
    scopes: ['notes:read'],
  })
  const server = createServer((incoming, outgoing) => {
    void pair
      .handler(toRequest(incoming)!, toRequestInfo(incoming))
      .then((answer) => sendResponse(outgoing, answer ?? new Response('page')))
  })
  server.listen(0, '127.0.0.1', () => {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    pair.ownerSecret({ origin }).then((owner) => {
      console.log(ownerBanner({ owner, origin, qr: false, color: false }))
      console.log(`listening ${origin}`)
    }, refuse)
  })
} catch (error) {
  refuse(error)
}
