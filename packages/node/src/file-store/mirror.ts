import { setTimeout } from 'node:timers/promises'
import {
  isSame,
  keepAside,
  markOf,
  readWhole,
  replaceWhole,
  type FileStoreDisk,
  type Mark,
} from './disk-file.ts'
import { MAX_BYTES } from './limit.ts'
import { parseFile } from './parse.ts'
import { damaged, missing, restless, writtenLater } from './refusals.ts'
import { createRender } from './render.ts'
import { changedKeys, type State } from './state.ts'

/** What the file said when it was looked at. */
export interface View {
  mark: Mark
  state: State
  /** A person changed rows, and they have no versions yet. */
  isEdited: boolean
}

/** What this process knows of the file: read again whenever that is not what stands there. */
export interface Mirror {
  /** What the file says now; `null` where there was none yet. @throws PairError where nothing of it can be believed */
  look(): Promise<View | null>
  /**
   * Puts the next state in the place of that view, and tells of these keys. Only for who holds the lock; `allowed` throws
   * where it is lost. `moved`, and nothing is done: somebody changed the file meanwhile.
   */
  replace(
    old: View | null,
    next: State,
    touched: ReadonlySet<string>,
    allowed: () => Promise<void>,
  ): Promise<'done' | 'moved' | 'too large'>
}

/** How long a file that makes no sense may go on to be written, by an editor that doesn't rename. */
const SETTLE_MS = 50

/** Nothing is known yet. `tell` hears which keys changed, before anybody reads it. */
export function createMirror(
  fs: FileStoreDisk,
  path: string,
  tell: (keys: ReadonlySet<string>) => void,
): Mirror {
  const render = createRender()
  let known: View | null = null
  /** The last look at what could not be believed. */
  let refused: { mark: Mark; error: Error } | null = null
  let last: Promise<unknown> = Promise.resolve()

  /** One at a time: nobody reads the file again while a newer state is put in place. */
  function alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }

  function answer(mark: Mark | null): View | null | undefined {
    if (mark === null) {
      if (known || refused) throw missing(path)
      return null
    }
    if (refused && isSame(refused.mark, mark)) throw refused.error
    return known && isSame(known.mark, mark) ? known : undefined
  }

  function install(view: View, touched: ReadonlySet<string>): View {
    refused = null
    known = view
    if (touched.size > 0) tell(touched)
    return view
  }

  async function load(): Promise<View | null> {
    // looked at anew: whoever asked may have waited for another's turn
    const found = answer(await markOf(fs, path))
    if (found !== undefined) return found
    const file = await readWhole(fs, path)
    if (!file) return answer(null) as null
    const parsed = parseFile(file.bytes, known?.state ?? null)
    if (parsed.as === 'state') {
      const { state, isEdited } = parsed
      const changed = known ? changedKeys(known.state, state) : new Set<string>()
      return install({ mark: file.mark, state, isEdited }, changed)
    }
    await setTimeout(SETTLE_MS)
    if (!isSame(file.mark, await markOf(fs, path))) return load()
    const error =
      parsed.as === 'later'
        ? writtenLater(path, parsed.formatVersion)
        : damaged(path, parsed.why, await keepAside(fs, path, file.bytes, file.mark))
    refused = { mark: file.mark, error }
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
      const put = (): Promise<Mark | null> =>
        replaceWhole(fs, path, text, before, async () => {
          await allowed()
          isMoved = !isSame(before, await markOf(fs, path))
          if (isMoved) throw restless(path)
        })
      return alone(async () => {
        try {
          const mark = await put()
          // where it was edited already it is read anew at the next look
          if (mark) install({ mark, state: next, isEdited: false }, touched)
          return 'done'
        } catch (error) {
          if (isMoved) return 'moved'
          throw error
        }
      })
    },
  }
}
