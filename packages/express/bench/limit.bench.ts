import { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { rateLimit } from 'express-rate-limit'
import { expect, test } from 'vitest'
import type { Middleware } from '../src/middleware.ts'

// By Node's own loader, as the other is: that of the test runner makes a look-up of every use of an import.
const load = createRequire(import.meta.url)
const { createPair, memoryStore } = load('@pair/core') as typeof import('@pair/core')
const { limitRequests } = load('../src/index.ts') as typeof import('../src/index.ts')

const CALLS = 20_000
const ROUNDS = 15

const peer = (): Socket =>
  Object.defineProperty(new Socket(), 'remoteAddress', { value: '10.1.2.3' })

const median = (figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[figures.length >> 1]!

test('limitRequests beside express-rate-limit: one address, the memory store, headers of draft 8', async () => {
  const secret = crypto.getRandomValues(new Uint8Array(32))
  const pair = createPair({ secret, store: memoryStore() })
  const middlewares: Record<string, Middleware> = {
    ours: limitRequests(pair, { name: 'bench', max: 1_000_000 }),
    'express-rate-limit': rateLimit({
      windowMs: 60_000,
      limit: 1_000_000,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      validate: false,
    }) as unknown as Middleware,
  }
  const rates: Record<string, number[]> = {}
  // the first round warms
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, middleware] of Object.entries(middlewares)) {
      const socket = peer()
      const calls = Array.from({ length: CALLS }, () => {
        const request = Object.assign(new IncomingMessage(socket), {
          originalUrl: '/search',
          ip: '10.1.2.3',
          app: { get: () => false },
        })
        request.headers = { host: 'localhost:3000', 'user-agent': 'bench', accept: '*/*' }
        const response = new ServerResponse(request)
        // what Express adds, and no more
        const append = response.setHeader.bind(response)
        return [request, Object.assign(response, { append })] as const
      })
      const start = performance.now()
      for (const [request, response] of calls) {
        const error = await new Promise((next) => middleware(request, response, next))
        if (error !== undefined) throw error as Error
      }
      if (round > 0) (rates[name] ??= []).push(CALLS / 1_000 / (performance.now() - start))
    }
  }
  const [ours, theirs] = [median(rates['ours']!), median(rates['express-rate-limit']!)]
  console.log(
    `ours ${ours.toFixed(3)} M/s, express-rate-limit ${theirs.toFixed(3)} M/s: ${(ours / theirs).toFixed(2)} ×`,
  )
  expect(ours / theirs).toBeGreaterThanOrEqual(1)
  await pair.close()
}, 60_000)
