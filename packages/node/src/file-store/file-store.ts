import * as nodeFs from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { PairError, type Store } from '@pair/core'
import {
  fromKeyText,
  toBelowText,
  toKeyText,
  toLimit,
  toPurgeAt,
  toRaise,
  toStep,
} from '@pair/core/store'
import { requireFolder, syncFolder } from '../file-secrets-disk.ts'
import { clearLeftovers, type FileStoreDisk } from './disk-file.ts'
import { toNeed } from './draft.ts'
import { createFileLock } from './lock.ts'
import { createMirror } from './mirror.ts'
import { createRowMaker } from './record-version.ts'
import { isClosed, restless } from './refusals.ts'
import { emptyState, type State } from './state.ts'
import { createWatch } from './watch.ts'
import { createWriter } from './writer.ts'

export interface FileStoreOptions {
  /**
   * How long a call waits for its turn, as while another process writes. What is rejected then is not done later.
   * Milliseconds, default 1,500.
   */
  busyMs?: number
  /** What `time()` answers, for tests whose clock stands still. Default: the clock of the process. */
  clock?: () => number
}

/** A store that holds its lock open until it is closed. */
export interface FileStore extends Store {
  /** Calls that wait, and all later ones, are rejected. Resolves when what was being written is written. */
  close(): Promise<void>
}

/**
 * A store in one JSON file that a person can read, for any number of processes of one machine and up to 5,000 records. Each
 * commit writes the whole file; for more, or for much traffic, there is `sqliteStore` of `@pair/store-sqlite`.
 *
 * The file and its folder are made at the first call, for their owner alone. What others can reach, or what is
 * damaged, is refused.
 *
 * @throws PairError `config_invalid` where an option is not usable
 * @example
 * import { createPair } from '@pair/core'
 * import { fileSecrets, fileStore } from '@pair/node'
 *
 * const pair = createPair({ secret: fileSecrets('.data'), store: fileStore('.data/pair.json') })
 */
export function fileStore(file: string, options: FileStoreOptions = {}): FileStore {
  return createFileStore(nodeFs, file, options)
}

/** `fileStore` on that file system. */
export function createFileStore(
  fs: FileStoreDisk,
  file: string,
  options: FileStoreOptions = {},
): FileStore {
  const path = toPath(file)
  const busyMs = toBusyMs(options.busyMs ?? 1_500)
  const clock = options.clock ?? Date.now
  const lock = createFileLock(fs, `${path}.lock`)
  const watch = createWatch(() => state())
  const mirror = createMirror(fs, path, watch.tell)
  const writer = createWriter({
    mirror,
    lock,
    makeRow: createRowMaker(),
    begin: () => emptyState(Math.max(0, Math.floor(clock()))),
    prepare: () => clearLeftovers(fs, path),
    settle: () => syncFolder(fs, dirname(path)),
    busyMs,
    path,
  })
  let closed = false
  let ready: Promise<void> | null = null

  /** Once; where it failed the next call tries again. */
  function requirePlace(): Promise<void> {
    ready ??= requireFolder(fs, dirname(path)).catch((error: unknown) => {
      ready = null
      throw error
    })
    return ready
  }

  /** All that is committed by now. */
  async function state(): Promise<State> {
    for (let tries = 0; tries < 5; tries++) {
      if (closed) throw isClosed()
      await requirePlace()
      const view = await mirror.look()
      if (view && !view.isEdited) return view.state
      // an empty file is made, or rows that were edited by hand get versions of their own, before anybody relies on them
      await writer.write(() => {})
    }
    throw restless(path)
  }

  async function write<T>(work: Parameters<typeof writer.write<T>>[0]): Promise<T> {
    if (closed) throw isClosed()
    await requirePlace()
    return writer.write(work)
  }

  return {
    async read(key) {
      const id = toKeyText(key)
      const row = (await state()).records.get(id)
      return row ? { key: fromKeyText(id), value: row.value, version: row.version } : null
    },

    async list(prefix, { after, limit }) {
      const [start, bound] = [toBelowText(prefix), after ? toKeyText(after) : '']
      const page = (await state()).records.page(start, bound, toLimit(limit))
      return page.map(([id, { value, version }]) => ({ key: fromKeyText(id), value, version }))
    },

    async commit(checks, writes) {
      const needs = checks.map(toNeed)
      const steps = writes.map(toStep)
      return write((draft) => draft.commit(needs, steps))
    },

    async increment(counter, by, purgeAt) {
      const id = toKeyText(counter)
      if (toRaise(by) === 0) return (await state()).counters.get(id)?.total ?? 0
      const until = toPurgeAt(purgeAt)
      return write((draft) => draft.increment(id, by, until))
    },

    async tail(stream, after, limit) {
      const id = toKeyText(stream)
      const found = (await state()).streams.get(id)
      const items = found?.items ?? []
      return {
        items: items
          .filter(({ position }) => after === null || position > after)
          .slice(0, toLimit(limit))
          .map(({ position, value, keys }) => ({ position, value, keys: keys.map(fromKeyText) })),
        // an item kept for longer may lie before one that is gone; from here on nothing is
        oldest: items.find(({ position }) => position > found!.purged)?.position ?? null,
        latest: found?.latest ?? null,
        settled: true,
      }
    },

    async purge(before, limit) {
      return write((draft) => draft.purge(before, toLimit(limit)))
    },

    time: async () => clock(),
    watch: (prefix, on) => watch.add(prefix, on),

    async close() {
      closed = true
      watch.close()
      await writer.close()
      lock.close()
    },
  }
}

function toPath(file: string): string {
  if (typeof file === 'string' && file !== '') return resolve(file) // stays the same when the process changes its folder
  throw new PairError('config_invalid', {
    message: 'fileStore: the file is a path.',
    hint: "fileStore('.data/pair.json')",
  })
}

function toBusyMs(ms: number): number {
  if (Number.isFinite(ms) && ms > 0) return ms
  throw new PairError('config_invalid', {
    message: 'fileStore: `busyMs` is a number of milliseconds.',
    hint: 'fileStore(file, { busyMs: 1_500 })',
  })
}
