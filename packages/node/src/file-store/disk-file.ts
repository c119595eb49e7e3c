import { constants, type BigIntStats } from 'node:fs'
import type * as nodeFs from 'node:fs/promises'
import { createHash, randomUUID } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import {
  hasCode,
  syncFolder,
  unlessCode,
  unlinkIfThere,
  withCleanUp,
  withPrivate,
  writeNew,
  type FileSystem,
} from '../file-secrets-disk.ts'
import { MAX_BYTES } from './limit.ts'
import { orUndone, tooLarge, type Stake } from './refusals.ts'

/** What is asked of the file system. A parameter, so that each of its faults can be shown. */
export type FileStoreDisk = FileSystem &
  Pick<typeof nodeFs, 'chmod' | 'copyFile' | 'rename' | 'utimes'>

/** What a file under a path is, and that it is still as it was: an edit, a new mode and another file all show. */
export interface Mark {
  /** Which bytes: file, length, time of the last change. */
  bytes: string
  /** Its mode and owner too. */
  whole: string
  mtimeNs: bigint
}

export async function markOf(fs: FileStoreDisk, path: string): Promise<Mark | null> {
  const stats = await fs.lstat(path, { bigint: true }).catch(unlessCode('ENOENT'))
  return stats ? toMark(stats) : null
}

export function isSame(a: Mark | null, b: Mark | null): boolean {
  return a?.whole === b?.whole
}

/**
 * The bytes of the file, all of one moment; `null` where there is none, `restless` where somebody was writing into it.
 *
 * @throws PairError `config_invalid` where others than its owner can reach it, or where it is no plain file
 */
export async function readWhole(
  fs: FileStoreDisk,
  path: string,
  stake: Stake,
): Promise<{ mark: Mark; bytes: Uint8Array } | 'restless' | null> {
  return await withPrivate(fs, path, async (file) => {
    const before = await file.stat({ bigint: true })
    if (before.size > MAX_BYTES) throw tooLarge(path, stake)
    const bytes = await file.readFile()
    const [mark, after] = [toMark(before), toMark(await file.stat({ bigint: true }))]
    // its ctime moves when another file takes its name, and the bytes are whole then
    return mark.bytes === after.bytes ? { mark, bytes } : 'restless'
  })
}

/**
 * Puts a new file in its place, whole or not at all, and answers what it is. `allowed` is asked at the last moment and
 * throws where it must not be. The name is on the disk after `syncFolder`.
 */
export async function replaceWhole(
  fs: FileStoreDisk,
  path: string,
  text: string,
  old: Mark | null,
  allowed: () => Promise<void>,
): Promise<Mark> {
  const temp = `${path}.${randomUUID()}.tmp`
  let renamed = false
  return await withCleanUp(
    async () => {
      const made = await orUndone(async () => {
        await writeNew(fs, temp, text)
        const later = await laterThan(fs, temp, old)
        await allowed()
        return later
      })
      await fs.rename(temp, path)
      renamed = true
      const mark = await markOf(fs, path)
      // renaming changes the ctime; if more is changed, somebody else was there already, and the next look tells it from this
      return mark?.bytes === made.bytes ? mark : made
    },
    async () => {
      if (!renamed) await unlinkIfThere(fs, temp)
    },
  )
}

/** Removes what was left by processes that died while they wrote. Only for who holds the lock. */
export async function clearLeftovers(fs: FileStoreDisk, path: string): Promise<void> {
  const start = `${basename(path)}.`
  for (const entry of await fs.readdir(dirname(path)))
    if (entry.startsWith(start) && /^[0-9a-f-]{36}\.tmp$/.test(entry.slice(start.length)))
      await unlinkIfThere(fs, join(dirname(path), entry))
}

/** Keeps a copy of damaged bytes beside the file, once; `null` where that can't be. */
export async function keepAside(
  fs: FileStoreDisk,
  path: string,
  bytes: Uint8Array,
  mark: Mark,
): Promise<string | null> {
  const date = dateOf(mark).replaceAll(':', '-')
  const sum = createHash('sha256').update(bytes).digest('hex').slice(0, 8)
  const aside = `${path}.damaged-${date}-${sum}`
  try {
    await fs.copyFile(path, aside, constants.COPYFILE_EXCL)
    await syncFolder(fs, dirname(path))
    return aside
  } catch (error) {
    return hasCode(error, 'EEXIST') ? aside : null
  }
}

/** Disks keep times that no date has. */
function dateOf({ mtimeNs }: Mark): string {
  const ms = Number(mtimeNs / 1_000_000n)
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms)
}

/** Times are coarse and numbers of files come back: a later file must not look like an earlier one. */
async function laterThan(fs: FileStoreDisk, temp: string, old: Mark | null): Promise<Mark> {
  let made = toMark(await fs.lstat(temp, { bigint: true }))
  for (let step = 0.001; old && made.mtimeNs <= old.mtimeNs && step < 10_000; step *= 4) {
    const seconds = Number(old.mtimeNs) / 1e9 + step
    await fs.utimes(temp, seconds, seconds)
    made = toMark(await fs.lstat(temp, { bigint: true }))
  }
  // the last instant that the disk knows has no later one: begin with those of now
  if (old && made.mtimeNs <= old.mtimeNs) {
    await fs.utimes(temp, new Date(), new Date())
    made = toMark(await fs.lstat(temp, { bigint: true }))
  }
  return made
}

function toMark({ dev, ino, size, mtimeNs, ctimeNs, mode, uid }: BigIntStats): Mark {
  const bytes = [dev, ino, size, mtimeNs].join(' ')
  return { bytes, whole: [bytes, ctimeNs, mode, uid].join(' '), mtimeNs }
}
