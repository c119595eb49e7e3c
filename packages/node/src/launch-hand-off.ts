import { fstat, close, read } from 'node:fs'
import * as nodeFs from 'node:fs/promises'
import { Socket } from 'node:net'
import { promisify } from 'node:util'
import { isPairError, PairError } from '@pair/core'
import { hasCode, readPrivate } from './file-secrets-disk.ts'

/** Names the descriptor that a launcher writes to. */
export const FD = 'PAIR_LAUNCH_FD'
/** Names the file that a launcher wrote. */
export const FILE = 'PAIR_LAUNCH_FILE'

/** What a launcher hands over: the code, how many may come in by it, and until when. */
export interface HandOff {
  seed: string
  uses: number | 'unlimited'
  /** Milliseconds since the Unix epoch. */
  expiresAt: number
}

/** Far more than it needs. */
const MAX_LENGTH = 1024

/** A line of JSON, as any language writes it. */
export function toText({ expiresAt, ...rest }: HandOff): string {
  return `${JSON.stringify({ ...rest, expiresAt: new Date(expiresAt).toISOString() })}\n`
}

/**
 * Takes what a launcher handed to this process, for good: the environment no longer names it, the file is removed, the descriptor
 * closed. `null`: nobody launched it, or another process took that.
 *
 * @throws PairError `config_invalid`, which never tells what was read
 */
export async function takeHandOff(env: NodeJS.ProcessEnv, waitMs: number): Promise<HandOff | null> {
  const { [FD]: fd, [FILE]: path } = env
  // Children of this process inherit neither.
  delete env[FD]
  delete env[FILE]
  if (fd !== undefined && path !== undefined)
    throw refused(`${FD} and ${FILE} are both set.`, 'Let the launcher hand its code over once.')
  if (fd !== undefined) return parse(FD, await readDescriptor(fd, waitMs))
  if (path === undefined) return null
  const text = await takeFile(path)
  return text === null ? null : parse(FILE, text)
}

async function takeFile(path: string): Promise<string | null> {
  try {
    const text = await readPrivate(nodeFs, path)
    if (text !== null) await nodeFs.unlink(path)
    return text
  } catch (error) {
    // Of several that read it at once, he has it who removed it.
    if (hasCode(error, 'ENOENT')) return null
    if (isPairError(error)) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw refused(`the file that ${FILE} names can not be taken: ${reason}`, REWRITE, error)
  }
}

const REWRITE = 'Let the launcher write it where this process may read and remove it.'

async function readDescriptor(text: string, waitMs: number): Promise<string> {
  const fd = /^[1-9]\d{0,3}$|^0$/.test(text) ? Number(text) : Number.NaN
  const broken = (why: string, cause?: unknown): PairError =>
    refused(
      `${FD} is ${JSON.stringify(text.slice(0, 20))}, ${why}.`,
      `Let the launcher start this process with a pipe at that place of its stdio; where something stands between, take ${FILE}.`,
      cause,
    )
  if (!(fd >= 3)) throw broken('and not a descriptor of 3 or above')
  const stats = await promisify(fstat)(fd).catch((error: unknown) => {
    throw broken('which is not open', error)
  })
  if (stats.isFile()) return await readOpenFile(fd)
  if (!stats.isFIFO() && !stats.isSocket()) throw broken('which is no pipe')
  return await readPipe(fd, waitMs).catch((error: unknown) => {
    throw broken('from which nothing came', error)
  })
}

async function readOpenFile(fd: number): Promise<string> {
  try {
    const buffer = Buffer.alloc(MAX_LENGTH + 1)
    const { bytesRead } = await promisify(read)(fd, buffer, 0, buffer.length, null)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await promisify(close)(fd)
  }
}

/** Until the end of the line: a launcher may keep its end open. */
async function readPipe(fd: number, waitMs: number): Promise<string> {
  const pipe = new Socket({ fd, readable: true, writable: false })
  const timer = setTimeout(() => pipe.destroy(new Error(`nothing in ${waitMs} ms`)), waitMs)
  try {
    let text = ''
    for await (const piece of pipe.setEncoding('utf8')) {
      text += piece as string
      if (text.includes('\n') || text.length > MAX_LENGTH) break
    }
    return text
  } finally {
    clearTimeout(timer)
    pipe.destroy()
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/

function parse(name: string, text: string): HandOff {
  const { seed, uses = 1, expiresAt } = toObject(text)
  const at =
    typeof expiresAt === 'string' && INSTANT.test(expiresAt) ? Date.parse(expiresAt) : Number.NaN
  if (
    typeof seed === 'string' &&
    (typeof uses === 'number' || uses === 'unlimited') &&
    !Number.isNaN(at)
  )
    return { seed, uses, expiresAt: at }
  throw refused(
    `what ${name} leads to is no code of a launcher.`,
    'It is one line of JSON: {"seed":"<32 random bytes as base64url>","uses":1,"expiresAt":"2026-01-01T00:00:00Z"}',
  )
}

function toObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function refused(message: string, hint: string, cause?: unknown): PairError {
  return new PairError('config_invalid', { message, hint, cause })
}
