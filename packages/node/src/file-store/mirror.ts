import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { syncFolder } from '../file-secrets-disk.ts'
import {
  isSame,
  keepAside,
  markOf,
  readWhole,
  replaceWhole,
  type FileStoreDisk,
  type Mark,
} from './disk-file.ts'
import type { Parsed } from './fields.ts'
import { MAX_BYTES } from './limit.ts'
import { damaged, missing, restless, writtenLater, type Stake } from './refusals.ts'
import type { Trail } from './trail.ts'

/** What the file said when it was looked at. */
export interface View<S> {
  mark: Mark
  state: S
  /** Another hand than ours put it there, and it is to be written anew before anybody relies on it. */
  isEdited: boolean
}

export interface MirrorParts<S> {
  fs: FileStoreDisk
  path: string
  parse(bytes: Uint8Array, known: S | null): Parsed<S>
  render(state: S): string
  changedKeys(old: S, next: S): ReadonlySet<string>
  /** Hears which keys changed, before anybody reads it. */
  tell(keys: ReadonlySet<string>): void
  /** What its loss would cost, for who is told. */
  stake: Stake
  /** How far it ever was; `null` where an old copy does no harm. */
  trail: Trail<S> | null
}

/** What this process knows of the file: read again whenever that is not what stands there. */
export interface Mirror<S> {
  /** What the file says now; `null` where there was none yet. @throws PairError where nothing of it can be believed */
  look(): Promise<View<S> | null>
  /**
   * Puts the next state in the place of that view, and tells of these keys. Only for who holds the lock; `allowed` throws
   * where it is lost. `moved`, and nothing is done: somebody changed the file meanwhile.
   */
  replace(
    old: View<S> | null,
    next: S,
    touched: ReadonlySet<string>,
    allowed: () => Promise<void>,
  ): Promise<'done' | 'moved' | 'too large'>
}

/** How long a file that makes no sense may go on to be written, by an editor that doesn't rename. */
const SETTLE_MS = 50
/** How often a file is read that changes all the time. */
const TRIES = 5

/** Nothing is known yet. */
export function createMirror<S>(parts: MirrorParts<S>): Mirror<S> {
  const { fs, path, parse, render, changedKeys, tell, stake, trail } = parts
  let known: View<S> | null = null
  /** The last look at what could not be believed. */
  let refused: { mark: Mark; error: Error } | null = null
  let last: Promise<unknown> = Promise.resolve()

  /** One at a time: nobody reads the file again while a newer state is put in place. */
  function alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }

  function answer(mark: Mark | null): View<S> | null | undefined {
    if (mark === null) {
      if (known || refused) throw missing(path, stake)
      return null
    }
    if (refused && isSame(refused.mark, mark)) throw refused.error
    return known && isSame(known.mark, mark) ? known : undefined
  }

  function install(view: View<S>, touched: ReadonlySet<string>): View<S> {
    refused = null
    known = view
    if (touched.size > 0) tell(touched)
    return view
  }

  async function load(): Promise<View<S> | null> {
    for (let tries = 0; tries < TRIES; tries++) {
      // looked at anew: whoever asked may have waited for another's turn
      const found = answer(await markOf(fs, path))
      if (found !== undefined) return found
      const file = await readWhole(fs, path, stake)
      if (file === null) return answer(null) as null
      if (file === 'restless') await setTimeout(SETTLE_MS)
      else {
        const view = await judge(file)
        if (view) return view
      }
    }
    throw restless(path)
  }

  /** What that file says; nothing where another one is there by now. */
  async function judge({
    mark,
    bytes,
  }: {
    mark: Mark
    bytes: Uint8Array
  }): Promise<View<S> | undefined> {
    // who put it there may have died before its name was on the disk: a power cut must not undo what was answered
    await syncFolder(fs, dirname(path))
    const parsed = parse(bytes, known?.state ?? null)
    if (parsed.as === 'state') {
      const { state, isEdited } = parsed
      const read: View<S> = { mark, state, isEdited }
      const view = trail ? await trail.judge(read, known === null) : read
      // the next writing may have been begun since it was read
      if (view !== read && !isSame(mark, await markOf(fs, path))) return undefined
      return install(view, known ? changedKeys(known.state, view.state) : new Set())
    }
    await setTimeout(SETTLE_MS)
    if (!isSame(mark, await markOf(fs, path))) return undefined
    const error =
      parsed.as === 'later'
        ? writtenLater(path, parsed.formatVersion)
        : damaged(path, parsed.why, await keepAside(fs, path, bytes, mark), stake)
    refused = { mark, error }
    throw error
  }

  return {
    async look() {
      const found = answer(await markOf(fs, path))
      return found === undefined ? alone(load) : found
    },
    async replace(old, next, touched, allowed) {
      const text = render(next)
      if (Buffer.byteLength(text) > MAX_BYTES) return 'too large'
      const before = old?.mark ?? null
      let isMoved = false
      const put = (): Promise<Mark> =>
        replaceWhole(fs, path, text, before, async () => {
          // what is to be mended is not believed, though the mending may fail
          await trail?.begin(next, old?.isEdited ? null : before)
          await allowed()
          isMoved = !isSame(before, await markOf(fs, path))
          if (isMoved) throw restless(path)
        })
      return alone(async () => {
        try {
          const mark = await put()
          // where that fails it is read anew, and synced before anybody sees it
          await syncFolder(fs, dirname(path))
          install({ mark, state: next, isEdited: false }, touched)
          return 'done'
        } catch (error) {
          if (isMoved) return 'moved'
          throw error
        }
      })
    },
  }
}
