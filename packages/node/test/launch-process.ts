// A server that a launcher starts: says where it listens, and what is left of the launch.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPair, isPairError, memoryStore } from '@pair/core'
import { sqliteStore } from '../../store-sqlite/src/index.ts'
import { acceptLaunch, sendResponse, toRequest, toRequestInfo } from '../src/index.ts'
import type { Told } from './launching.ts'

const path = process.env['TEST_STORE']
const all = { max: 1_000_000 }
const pair = createPair({
  secret: 'a secret of this test, 32 bytes or more',
  store: path === undefined ? memoryStore() : sqliteStore(path, { busyMs: 60_000 }),
  scopes: ['notes:read'],
  limits: { redeem: all, preview: all, change: all, poll: all },
})

const tell = (told: Told): void => console.log(JSON.stringify(told))

try {
  const code = await acceptLaunch(pair, { scopes: ['notes:read', 'access:read'] })
  const server = createServer((incoming, outgoing) => {
    const request = toRequest(incoming)!
    void pair
      .handler(request, toRequestInfo(incoming))
      .then((answer) => sendResponse(outgoing, answer ?? new Response('page')))
  })
  server.listen(0, '127.0.0.1', () =>
    tell({
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      code,
      left: Object.keys(process.env).filter((name) => name.startsWith('PAIR_LAUNCH')),
    }),
  )
  process.once('SIGTERM', () => process.exit(0))
} catch (error) {
  if (!isPairError(error)) throw error
  tell({ refused: `${error.code} ${error.message} ${error.hint} ${error.stack}` })
  process.exit(1)
}
