import { once } from 'node:events'
import { createServer, request, type OutgoingHttpHeaders, Agent } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPair, memoryStore, type Pair, type PairOptions } from '@pair/core'
import { pairExpress } from '@pair/express'
import { fixedClock } from '@pair/testkit/app'
import express from 'express'
import { onTestFinished } from 'vitest'

export const HOST = 'home.test'

/** A server with @pair as it stands behind a proxy, on a clock that stands: all that is asked falls into one window. */
export interface Site {
  pair: Pair<string>
  /** What nginx passes requests to. */
  to: string
  /** The addresses in all refusals, as they came. */
  refused: (string | undefined)[]
  /** What the operator was told. */
  logged: string[]
  code(): Promise<string>
}

/** Plain http for a declared host, so that the proxy needs no certificate. */
export async function startSite(
  options: Partial<PairOptions<string>> = {},
  socketPath?: string,
): Promise<Site> {
  const logged: string[] = []
  const keep = (message: string): void => void logged.push(message)
  const clock = fixedClock(Date.UTC(2030, 0, 1))
  const pair = createPair<string>({
    secret: 'a secret of these tests, 32 bytes or more',
    store: memoryStore({ clock }),
    scopes: ['notes'],
    publicUrl: `http://${HOST}`,
    allowInsecureLan: true,
    logger: { debug() {}, info() {}, warn: keep, error: keep },
    clock,
    ...options,
  })
  const refused: Site['refused'] = []
  pair.on('refused', ({ address }) => void refused.push(address))
  const server = createServer(express().use(pairExpress(pair)))
  if (socketPath === undefined) server.listen(0, '127.0.0.1')
  else server.listen(socketPath)
  await once(server, 'listening')
  onTestFinished(async () => {
    await pair.close()
    server.closeAllConnections()
    server.close()
  })
  const to =
    socketPath === undefined
      ? `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      : `http://unix:${socketPath}:`
  return {
    pair,
    to,
    refused,
    logged,
    code: async () => (await pair.codes.issue({ origin: `http://${HOST}` })).typed,
  }
}

/** Somebody who redeems codes from an address of his own. */
export interface Guest {
  /** Answers the status, and the code of the problem if there is one. */
  redeem(code: string, headers?: OutgoingHttpHeaders): Promise<string>
}

/** Where it connects to, and from which address of this machine. */
export interface Way {
  port?: number
  socketPath?: string
  from?: string
}

export function createGuest({ from, ...to }: Way): Guest {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  onTestFinished(() => agent.destroy())
  return {
    async redeem(code, headers = {}) {
      const body = JSON.stringify({ code })
      const sent = request({
        ...to,
        ...(from === undefined ? {} : { localAddress: from }),
        host: '127.0.0.1',
        method: 'POST',
        path: '/auth/redeem',
        agent,
        headers: {
          host: HOST,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
      })
      sent.end(body)
      const [answer] = (await once(sent, 'response')) as [import('node:http').IncomingMessage]
      const text = (await answer.toArray()).join('')
      const problem = answer.statusCode === 200 ? '' : ` ${JSON.parse(text).code}`
      return `${answer.statusCode}${problem}`
    },
  }
}

/** How often each answer came. */
export function tally(answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}

const FORGERIES: readonly ((n: number) => OutgoingHttpHeaders)[] = [
  (n) => ({ 'x-forwarded-for': `203.0.113.${n % 256}` }),
  (n) => ({ 'x-forwarded-for': `198.51.${n % 256}.1, 10.0.0.1, 127.0.0.1` }),
  (n) => ({ 'x-forwarded-for': [`1.1.1.${n % 256}`, `2.2.2.${n % 256}`, '127.0.0.1'] }),
  (n) => ({ 'x-forwarded-for': `2001:db8:${n.toString(16)}::1, [2001:db8::${n % 9}]:80` }),
  (n) => ({ 'x-forwarded-for': ['junk', '', ' ,, ', '010.0.0.1', 'fe80::1%eth0'][n % 5] }),
  (n) => ({ 'x-forwarded-for': Array.from({ length: 200 }, () => `9.9.9.${n % 256}`).join(',') }),
  (n) => ({ forwarded: `for=192.0.2.${n % 256};proto=https, for="[2001:db8::${n}]"` }),
  (n) => ({ 'x-real-ip': `192.0.2.${n % 256}`, 'x-client-ip': `192.0.2.${n % 256}` }),
  (n) => ({ 'x-forwarded-proto': 'http', 'x-forwarded-host': `${n}.example` }),
  (n) => ({ 'X-FORWARDED-FOR': `8.8.8.${n % 256}`, x_forwarded_for: '7.7.7.7', via: '1.1 a' }),
]

/** The headers of the nth forgery: one of ten kinds, each time another address. */
export const forgery = (n: number): OutgoingHttpHeaders => FORGERIES[n % FORGERIES.length]!(n)
