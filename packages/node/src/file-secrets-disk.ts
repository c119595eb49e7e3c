import type * as nodeFs from 'node:fs/promises'
import { constants, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { PairError } from '@pair/core'

/** What is asked of the file system. A parameter, so that each of its faults can be shown. */
export type FileSystem = Pick<
  typeof nodeFs,
  'link' | 'lstat' | 'mkdir' | 'open' | 'readdir' | 'stat' | 'unlink'
>

/** Far more than a secret needs; what is longer is not one. */
const MAX_LENGTH = 1024

// A link could lead out of the folder, and opening a pipe could wait for ever. Windows knows neither flag.
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Makes sure of a folder that its owner alone may enter. @throws PairError `config_invalid` */
export async function requireFolder(fs: FileSystem, folder: string): Promise<void> {
  const found = await fs.stat(folder).catch(unlessCode('ENOENT'))
  if (!found) await makeFolder(fs, folder)
  requireOwn(folder, found ?? (await fs.stat(folder)))
}

/** Is that folder there? Makes none. @throws PairError `config_invalid` where others than its owner may enter it */
export async function findFolder(fs: FileSystem, folder: string): Promise<boolean> {
  const found = await fs.stat(folder).catch(unlessCode('ENOENT'))
  if (found) requireOwn(folder, found)
  return found !== undefined
}

function requireOwn(folder: string, stats: Stats): void {
  if (!stats.isDirectory()) throw refused(`${folder} is not a folder.`, 'Name another one.')
  requirePrivate(folder, stats, '700')
}

/** With those above it that are missing. Node's own way answers ENOENT for any fault, a read-only disk too. */
async function makeFolder(fs: FileSystem, folder: string): Promise<void> {
  const above = dirname(folder)
  try {
    await fs.mkdir(folder, 0o700)
  } catch (error) {
    if (hasCode(error, 'ENOENT') && above !== folder) {
      await makeFolder(fs, above)
      await fs.mkdir(folder, 0o700).catch(unlessCode('EEXIST'))
    } else if (!hasCode(error, 'EEXIST')) throw error
  }
  await syncFolder(fs, above)
}

/** The text of a file that its owner alone may read; `null` where there is none. @throws PairError `config_invalid` */
export function readPrivate(fs: FileSystem, path: string): Promise<string | null> {
  return withPrivate(fs, path, async (file, { size }) =>
    size > MAX_LENGTH ? '' : await file.readFile('utf8'),
  )
}

/** Works with a file that its owner alone may read; `null` where there is none. @throws PairError `config_invalid` */
export async function withPrivate<T>(
  fs: FileSystem,
  path: string,
  work: (file: nodeFs.FileHandle, stats: Stats) => Promise<T>,
): Promise<T | null> {
  const file = await fs.open(path, READ).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null
    // FreeBSD says EMLINK
    throw hasCode(error, 'ELOOP', 'EMLINK') ? notAFile(path) : error
  })
  if (file === null) return null
  return await withCleanUp(
    async () => {
      const stats = await file.stat()
      if (!stats.isFile()) throw notAFile(path)
      requirePrivate(path, stats, '600')
      return await work(file, stats)
    },
    () => file.close(),
  )
}

/** Makes a file that was not there. When this returns, the file is on the disk; its name is so after `syncFolder`. */
export async function writeNew(fs: FileSystem, path: string, text: string): Promise<void> {
  const file = await fs.open(path, 'wx', 0o600)
  await withCleanUp(
    async () => {
      await file.writeFile(text)
      await file.sync()
    },
    () => file.close(),
  )
}

/** When this returns, the names in that folder are on the disk. */
export async function syncFolder(fs: FileSystem, folder: string): Promise<void> {
  // Windows can't open a folder to sync it.
  if (process.platform === 'win32') return
  const opened = await fs.open(folder, 'r')
  await withCleanUp(
    () => opened.sync().catch(unlessCode('EINVAL')), // so says a file system that knows no such thing
    () => opened.close(),
  )
}

/** Removes a file; one that isn't there is no error. */
export async function unlinkIfThere(fs: FileSystem, path: string): Promise<void> {
  await fs.unlink(path).catch(unlessCode('ENOENT'))
}

/** Works, then cleans up in any case. Where both fail, the error of the work is thrown. */
export async function withCleanUp<T>(
  work: () => Promise<T>,
  cleanUp: () => Promise<unknown>,
): Promise<T> {
  let result: T
  try {
    result = await work()
  } catch (error) {
    await cleanUp().catch(() => {})
    throw error
  }
  await cleanUp()
  return result
}

/** Is this an error of the system with one of these codes? */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

/** For `catch`: throws the error on, but for these codes. */
export function unlessCode(...codes: string[]): (error: unknown) => void {
  return (error) => {
    if (!hasCode(error, ...codes)) throw error
  }
}

/** What the operator has to mend, and how. Not for the wire. */
export function refused(message: string, hint: string, cause?: unknown): PairError {
  return new PairError('config_invalid', { message, hint, cause })
}

function notAFile(path: string): PairError {
  return refused(`${path} is not a plain file.`, 'Put the file itself there, not a link to it.')
}

function requirePrivate(path: string, { mode, uid }: Stats, allowed: '600' | '700'): void {
  const user = process.geteuid?.()
  // Windows has neither modes nor such owners.
  if (user === undefined) return
  const quoted = `'${path.replaceAll("'", `'\\''`)}'`
  if (uid !== user)
    throw refused(
      `${path} belongs to the user ${uid}, and this process runs as ${user}.`,
      `Run: chown ${user} ${quoted}`,
    )
  if ((mode & 0o077) !== 0)
    throw refused(
      `${path} is open to others than its owner (mode ${(mode & 0o777).toString(8)}).`,
      `Run: chmod ${allowed} ${quoted}`,
    )
}
