import { randomBytes, randomUUID } from 'node:crypto'
import * as nodeFs from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isPairError, type SecretSource } from '@pair/core'
import {
  findFolder,
  hasCode,
  readPrivate,
  refused,
  requireFolder,
  syncFolder,
  unlessCode,
  unlinkIfThere,
  withCleanUp,
  writeNew,
  type FileSystem,
} from './file-secrets-disk.ts'

/** Secrets that are files: `<folder>/<name>`, and beside it `<name>.spent` once it is spent. */
export interface FileSecrets extends SecretSource {
  /**
   * Removes the secret of that name; that there is none is no error. Its spent mark stays, so that a one-use secret is
   * never good twice: whoever means that deletes `<name>.spent` by hand.
   */
  remove(name: string): Promise<void>
}

const LENGTH = 32

/** How often a secret is made anew that others remove before it can be read. */
const ATTEMPTS = 8

/** What `link` says where there are no hard links: FAT, Android, some network drives. */
const NO_LINKS = ['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR']

/**
 * Secrets kept as files of a folder, made at their first use. Processes that start at once get the same one, and a
 * crash or a power cut leaves a whole one or none.
 *
 * The folder is made with mode 0700, its files with 0600; what others can reach is refused, with the line that mends
 * it. Windows has no such modes and they are not looked at there: take a folder of your own profile.
 *
 * A name is 1 to 64 of `a-z`, `0-9` and `-`, and begins with a letter.
 *
 * @throws PairError `config_invalid`, where a file or the folder has to be mended by hand
 * @example
 * import { createPair, memoryStore } from '@pair/core'
 * import { fileSecrets } from '@pair/node'
 *
 * const pair = createPair({ secret: fileSecrets('.data'), store: memoryStore() })
 */
export function fileSecrets(folder: string): FileSecrets {
  return createFileSecrets(nodeFs, folder)
}

/** `fileSecrets` on that file system. */
export function createFileSecrets(fs: FileSystem, folderName: string): FileSecrets {
  if (typeof folderName !== 'string' || folderName === '')
    throw new TypeError('fileSecrets: `folder` is the path of a folder, such as .data')
  // as seen from here: the process may change its directory later
  const folder = resolve(folderName)

  async function make(path: string): Promise<void> {
    const temp = `${path}.${randomUUID()}.tmp`
    await withCleanUp(
      async () => {
        await writeNew(fs, temp, `${randomBytes(LENGTH).toString('base64url')}\n`)
        try {
          // A link is made whole or not at all, and only by the first of several processes.
          await fs.link(temp, path)
        } catch (error) {
          if (hasCode(error, ...NO_LINKS)) throw noLinks(folder, error)
          // ENOENT: somebody found the secret made, and took our file for a leftover.
          if (!hasCode(error, 'EEXIST', 'ENOENT')) throw error
        }
      },
      () => unlinkIfThere(fs, temp),
    )
  }

  /** What is answered is always read back, also by the one who made it. */
  async function readOrMake(path: string): Promise<Uint8Array> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const text = await readPrivate(fs, path)
      if (text !== null) return parseSecret(path, text)
      await make(path)
    }
    throw new Error('it is removed as often as it is made')
  }

  /** Removes what was left by processes that died while they made this secret. */
  async function clearLeftovers(name: string): Promise<void> {
    const leftover = new RegExp(`^${name}\\.[0-9a-f-]{36}\\.tmp$`)
    for (const entry of await fs.readdir(folder))
      if (leftover.test(entry)) await unlinkIfThere(fs, join(folder, entry))
  }

  return {
    async getOrCreate(name) {
      const path = join(folder, checkedName(name))
      return await told(`can not keep ${path}`, async () => {
        await requireFolder(fs, folder)
        const secret = await readOrMake(path)
        // Who made it may have died before this; what is answered has to outlive a power cut.
        await syncFolder(fs, folder)
        // The secret is good without that, and the next call finds them again.
        await clearLeftovers(name).catch(() => {})
        return secret
      })
    },
    async markSpent(name) {
      const path = join(folder, `${checkedName(name)}.spent`)
      return await told(`can not keep ${path}`, async () => {
        await requireFolder(fs, folder)
        const file = await fs.open(path, 'wx', 0o600).catch(unlessCode('EEXIST'))
        if (!file) return false
        try {
          await withCleanUp(
            () => file.sync(),
            () => file.close(),
          )
          await syncFolder(fs, folder)
        } catch (error) {
          // Nobody was told to be the first, so somebody still can be.
          await fs.unlink(path).catch(() => {})
          throw error
        }
        return true
      })
    },
    async isSpent(name) {
      const path = join(folder, `${checkedName(name)}.spent`)
      return await told(`can not look for ${path}`, async () => {
        if (!(await findFolder(fs, folder))) return false
        // Whatever stands there keeps the mark from being made: a link that leads nowhere counts too.
        return (await fs.lstat(path).catch(unlessCode('ENOENT'))) !== undefined
      })
    },
    async remove(name) {
      const path = join(folder, checkedName(name))
      const removeAll = async (): Promise<void> => {
        await unlinkIfThere(fs, path)
        await clearLeftovers(name)
        await syncFolder(fs, folder)
      }
      // where the folder itself is missing
      await told(`can not remove ${path}`, () => removeAll().catch(unlessCode('ENOENT')))
    },
  }
}

function checkedName(name: string): string {
  if (/^[a-z][a-z0-9-]{0,63}$/.test(name)) return name
  throw new TypeError(
    'fileSecrets: a name is 1 to 64 of a-z, 0-9 and -, and begins with a letter, such as master',
  )
}

/** Never answers a part, and nothing is made in the place of what is damaged: that would part with devices unasked. */
function parseSecret(path: string, content: string): Uint8Array {
  const text = content.replace(/\r?\n$/, '')
  const bytes = Buffer.from(text, 'base64url')
  // base64url is read leniently; the one spelling of these bytes is what was written
  if (bytes.length >= LENGTH && bytes.toString('base64url') === text) return new Uint8Array(bytes)
  throw refused(
    `${path} does not hold a whole secret.`,
    'Restore the file. Or delete it, and the next start makes a new secret. Tokens and codes of the old one are void then: devices with a key renew by it, and keys of agents go on; all others pair again, and codes are issued anew.',
  )
}

function noLinks(folder: string, cause: unknown): Error {
  return refused(
    `${folder} does not allow hard links, without which a secret can not be made just once.`,
    'Take a folder on another file system, or give createPair a `secret` of at least 32 random bytes.',
    cause,
  )
}

/** The errors of a file system, with what they kept us from. */
async function told<T>(trouble: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isPairError(error)) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`fileSecrets ${trouble}: ${reason}`, { cause: error })
  }
}
