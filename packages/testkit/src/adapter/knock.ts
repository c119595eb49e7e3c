import { strictEqual } from 'node:assert/strict'
import { problem, type Expected } from './expected.ts'
import type { Call } from './send.ts'

/** The first request of a socket, with these lines beside those of the handshake. */
export function knock(headers: Call['headers'] = {}, path = '/live'): Call {
  return {
    path,
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AQIDBAUGBwgJCgsMDQ4PEA==',
      ...headers,
    },
  }
}

/** Its refusal before any 101: an ordinary answer with the problem, though some servers leave out the body. */
export function turnedAway(status: number, code: string): Expected {
  return (told) => {
    strictEqual(told.status, status)
    const body =
      told.body === ''
        ? { type: `urn:pair:problem:${code}`, status, code, scopes: ['notes:read'] }
        : told.body
    problem(status, code)({ ...told, body })
  }
}
