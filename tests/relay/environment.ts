// A self-hosted server by itself: a file, a port, and a store that fails on order.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPair, type Pair } from '@pair/core'
import { relay } from '@pair/core/relay'
import { sendResponse, toRequest, toRequestInfo } from '@pair/node'
import { sqliteStore } from '@pair/store-sqlite'
import { answerParent, tellReady } from './answering.ts'
import type { EnvironmentWish } from './processes.ts'

/** `approve`: lets in who waits. Else what befalls the next commit; the process dies before it, or behind it. */
export type Order = 'approve' | 'fail' | 'lose' | 'die before' | 'die behind' | 'count'

const { file, port, relays, admission, audience } = JSON.parse(
  process.argv[2] ?? '',
) as EnvironmentWish
const store = sqliteStore(file)
let next: Order | null = null
const commit: typeof store.commit = async (checks, writes) => {
  const order = next
  next = null
  if (order === 'die before') process.kill(process.pid, 'SIGKILL')
  if (order === 'fail') throw new Error('connection reset')
  const done = await store.commit(checks, writes)
  if (order === 'die behind') process.kill(process.pid, 'SIGKILL')
  if (order === 'lose') throw new Error('connection reset')
  return done
}

let pair: Pair | undefined
const server = createServer((incoming, outgoing) => {
  const request = toRequest(incoming)
  void (request && pair?.handler(request, toRequestInfo(incoming)))?.then((response) =>
    sendResponse(outgoing, response ?? new Response(null, { status: 404 })),
  )
})
server.listen(port, '127.0.0.1', () => {
  const own = (server.address() as AddressInfo).port
  pair = createPair<string>({
    secret: 'a secret of these tests, 32 bytes or more',
    scopes: ['notes:read', 'notes:write'],
    admission,
    // All come from one address.
    limits: { redeem: { max: 1_000 }, poll: { max: 1_000 } },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    store: { ...store, commit },
    extensions: [
      relay({ audience: audience ?? `http://127.0.0.1:${own}/auth`, relays: relays as never }),
    ],
  }) as unknown as Pair
  tellReady(own)
})

answerParent(async (order: Order) => {
  if (order === 'count') {
    const [codes, approvals] = await Promise.all([pair!.codes.list(), pair!.approvals.list()])
    return String(codes.items.length + approvals.items.length)
  }
  if (order !== 'approve') return (next = order)
  const [shown] = (await pair!.approvals.list()).items
  await pair!.approvals.approve(shown!.id, { digest: shown!.digest })
  return shown!.matchCode
})
