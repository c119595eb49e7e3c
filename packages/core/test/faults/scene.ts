import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createEdge, HERE, type Edge, type Keyed } from '../kit/edge.ts'
import { keptSecrets } from '../kit/secrets.ts'

/** What no store may be asked to keep; by `MARK` it is known again. */
export const MARK = 'foreign'
/** Texts that no label, id or code may be. */
export const TEXTS: [name: string, text: string][] = [
  ['NUL', `${MARK}\0`],
  ['half a character', `${MARK}\ud800`],
  ['the other half', `\udc00${MARK}`],
  ['10 KB', MARK.repeat(1_500)],
  ['1 MB', MARK.repeat(150_000)],
]

export interface Watched {
  store: Store
  /** All that the store was given since the last look, as text. */
  given(): string
  commits(): number
}

/** A store that remembers what it was asked. */
function watchedStore(): Watched {
  const real = memoryStore()
  let asked: unknown[] = []
  let commits = 0
  const listening = Object.entries(real).map(
    ([name, call]: [string, (...args: never[]) => unknown]) => [
      name,
      (...args: never[]) => {
        asked.push(args)
        if (name === 'commit') commits++
        return call(...args)
      },
    ],
  )
  return {
    store: Object.fromEntries(listening) as Store,
    given() {
      const text = JSON.stringify(asked)
      asked = []
      return text
    },
    commits: () => commits,
  }
}

/** A server with somebody in it, and a code that nobody used. */
export interface Scene {
  edge: Edge
  owner: Keyed
  typed: string
  codeId: string
}

export async function createScene(): Promise<Scene & Watched> {
  const watched = watchedStore()
  const edge = createEdge({ store: watched.store, secret: keptSecrets() })
  const owner = await edge.owner()
  const { typed, code } = await edge.pair.codes.issue({ origin: HERE })
  // Seen once: presence is written, and from here on nothing is that isn't asked for.
  await owner.call('/auth/session')
  return { edge, owner, typed, codeId: code.id, ...watched }
}
