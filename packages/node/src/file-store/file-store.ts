import * as nodeFs from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { PairError, type Logger, type Store } from '@pair/core'
import {
  fromKeyText,
  toBelowText,
  toKeyText,
  toLimit,
  toPurgeAt,
  toRaise,
  toStep,
} from '@pair/core/store'
import { requireFolder } from '../file-secrets-disk.ts'
import { createCountsDraft, createCountsRender, parseCounts } from './counts.ts'
import type { FileStoreDisk } from './disk-file.ts'
import { createDocument } from './document.ts'
import { createDraft, toNeed, type Draft } from './draft.ts'
import { parseFile } from './parse.ts'
import { createRowMaker } from './record-version.ts'
import { editTold, isClosed, orUndone, restless } from './refusals.ts'
import { createRender } from './render.ts'
import { BIRTH_BOUND, changedKeys, emptyState, type State } from './state.ts'
import { createTrail } from './trail.ts'
import { createWatch } from './watch.ts'

export interface FileStoreOptions {
  /**
   * How long a call waits for its turn, as while another process writes. What is rejected then is not done later.
   * Milliseconds, default 1,500.
   */
  busyMs?: number
  /** Who is told once when another hand than ours changed the file. Default: the console. */
  logger?: Pick<Logger, 'warn'>
  /** What `time()` answers, for tests whose clock stands still. Default: the clock of the process. */
  clock?: () => number
}

/** A store that holds its lock open until it is closed. */
export interface FileStore extends Store {
  /** Calls that wait, and all later ones, are rejected. Resolves when what was being written is written. */
  close(): Promise<void>
}

/**
 * A store in a JSON file that a person can read, for any number of processes of one machine and up to 5,000 records; counters are
 * in a second one beside it. Each commit writes the whole file; for more, or for much traffic, there is `sqliteStore` of
 * `@pair/store-sqlite`.
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
  const logger = options.logger ?? toConsole
  const makeRow = createRowMaker()
  const watch = createWatch(() => state())
  let isFirst = true // nothing was written yet by this store
  const records = createDocument<State, Draft>({
    fs,
    path,
    busyMs,
    stake: 'every device pairs again',
    parse: parseFile,
    render: createRender(),
    changedKeys,
    tell: watch.tell,
    trail: createTrail(fs, `${path}.revision`),
    begin(view) {
      if (!view)
        return createDraft({ state: emptyState(now()), isNew: true, reborn: null }, makeRow)
      // nobody can tell whether an old copy was put there while nothing ran
      const reborn = isFirst || view.isEdited ? now() : null
      return createDraft({ state: view.state, isNew: view.isEdited, reborn }, makeRow)
    },
    written(view) {
      isFirst = false
      if (view?.isEdited) logger.warn(editTold(path))
    },
  })
  const countsPath = `${path}.counters`
  const counts = createDocument({
    fs,
    path: countsPath,
    busyMs,
    stake: 'limits and locks begin anew',
    parse: parseCounts,
    render: createCountsRender(),
    changedKeys: () => new Set(),
    tell() {},
    trail: null,
    begin: (view) => createCountsDraft(view?.state ?? null, view?.isEdited ?? false),
    written(view) {
      if (view?.isEdited) logger.warn(editTold(countsPath))
    },
  })
  let closed = false
  let ready: Promise<void> | null = null

  function now(): number {
    const at = Math.floor(clock())
    return at >= 0 && at < BIRTH_BOUND / 2 ? at : 0
  }

  /** Once; where it failed the next call tries again. */
  async function requirePlace(): Promise<void> {
    if (closed) throw isClosed()
    ready ??= requireFolder(fs, dirname(path)).catch((error: unknown) => {
      ready = null
      throw error
    })
    await ready
  }

  /** All that is committed by now. */
  async function state(): Promise<State> {
    for (let tries = 0; tries < 5; tries++) {
      await requirePlace()
      const view = await records.look()
      if (view && !view.isEdited) return view.state
      // an empty file is made, or what was edited by hand gets versions of its own, before anybody relies on it
      await records.write(() => {})
    }
    throw restless(path)
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
      const [needs, steps] = await orUndone(async () => {
        await requirePlace()
        return [checks.map(toNeed), writes.map(toStep)] as const
      })
      return records.write((draft) => draft.commit(needs, steps))
    },

    async increment(counter, by, purgeAt) {
      const id = toKeyText(counter)
      const until = toRaise(by) === 0 ? null : toPurgeAt(purgeAt)
      // where the records can not be believed nothing is counted either
      await state()
      if (until === null) return (await counts.look())?.state.counters.get(id)?.total ?? 0
      return counts.write((draft) => draft.increment(id, by, until))
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
      await requirePlace()
      const most = toLimit(limit)
      const gone = await records.write((draft) => draft.purge(before, most))
      // damaged counters are told last: all that is due of the records goes before
      if (gone === most) return gone
      return gone + (await counts.write((draft) => draft.purge(before, most - gone)))
    },

    time: async () => clock(),
    watch: (prefix, on) => watch.add(prefix, on),

    async close() {
      closed = true
      watch.close()
      await Promise.all([records.close(), counts.close()])
    },
  }
}

const toConsole: Pick<Logger, 'warn'> = {
  warn: (message) => console.warn(`[pair] ${message}`),
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
