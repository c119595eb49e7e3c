import type { IssueCode } from '../../src/bootstrap/code-request.ts'
import { TYPED_ALPHABET } from '../../src/bootstrap/typed-code.ts'
import { MINUTE } from '../../src/time.ts'
import {
  createServer,
  secretOf,
  type Answer,
  type LoggedOptions,
  type LoggedServer,
} from './newcomers.ts'
import { ROOMY } from './roomy.ts'

/** Where somebody comes from, if nothing else is said. */
export const HOME = '203.0.113.7'

/** Windows that nobody fills and a lockout as it is out of the box. */
export const LOCKOUT_ONLY: LoggedOptions = { limits: ROOMY }

/** Limits as they are out of the box. */
export const BY_DEFAULT: LoggedOptions = { limits: {} }

type Members = Readonly<Record<string, unknown>>
type Lines = Readonly<Record<string, string>>

/** A server at whose door somebody tries codes. */
export interface House extends LoggedServer {
  /** One request of this path from there. */
  ask(path: string, body: unknown, from?: string, headers?: Lines): Promise<Answer>
  redeem(code: string, from?: string, more?: Members): Promise<Answer>
  preview(code: string, from?: string): Promise<Answer>
  /** So many wrong codes, one after the other; answers what each was told. */
  fail(times: number, from?: string): Promise<string[]>
  /** A fresh typed code. */
  typed(request?: IssueCode<never>): Promise<string>
  /** The secret of a fresh link. */
  linked(request?: IssueCode<never>): Promise<string>
}

/** Answers what it was told: `code_invalid` and the like; `in` where somebody got in. */
export function toldOf({ status, body }: Answer): string {
  return status < 300 ? 'in' : String(body.code)
}

/** No code that anybody was given; another for each number. */
export function wrongCode(number: number, length = 9): string {
  let symbols = ''
  for (let rest = number, at = 0; at < length; at++) {
    symbols = TYPED_ALPHABET[rest % 31] + symbols
    rest = Math.floor(rest / 31)
  }
  return symbols.replace(/...(?=.)/g, '$&-')
}

export function createHouse(options: LoggedOptions = {}): House {
  const server = createServer(options)
  let wrong = 0
  const house: House = {
    ...server,
    ask: (path, body, from = HOME, headers = {}) =>
      server.call(`/auth/${path}`, { body, headers, info: { remoteAddress: from } }),
    redeem: (code, from, more = {}) => house.ask('redeem', { code, ...more }, from),
    preview: (code, from) => house.ask('codes/preview', { code }, from),
    async fail(times, from) {
      const told: string[] = []
      for (let left = times; left > 0; left--)
        told.push(toldOf(await house.redeem(wrongCode(++wrong, server.pair.risk.symbols), from)))
      return told
    },
    typed: async (request = {}) => (await server.pair.codes.issue(request)).typed,
    linked: async (request = {}) => secretOf((await server.pair.codes.issue(request)).link),
  }
  return house
}

/** So many times the same word. */
export function times<T>(count: number, word: T): T[] {
  return Array.from({ length: count }, () => word)
}

/** Another address for each number, each of a network of its own. */
export function addressOf(number: number): string {
  return `100.${64 + ((number >> 16) & 63)}.${(number >> 8) & 255}.${number & 255}`
}

/** Another IPv6 network for each number, and an address in it. */
export function networkAddress(number: number, host = 1): string {
  return `2001:db8:${(number >> 16).toString(16)}:${(number & 0xffff).toString(16)}::${host.toString(16)}`
}

/** The lock of a fresh server. */
export const LOCK_MS = 15 * MINUTE
