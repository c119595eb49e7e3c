import { createPair, memoryStore, type Pair, type PairOptions } from '@pair/core'
import { fileSecrets } from '@pair/node'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { createNotesApi } from '../src/api.ts'
import { createServer } from '../src/hono.ts'
import { listen } from '../src/listen.ts'
import { openNotes } from '../src/notes.ts'
import { createPages, loadPages } from '../src/pages.ts'
import type { NotesScope } from '../src/start.ts'
import { newFolder } from './server.ts'

/** The example in this very process, so that a test holds what only its operator has. */
export async function startHere(
  options: Partial<PairOptions<NotesScope>> = {},
): Promise<{ pair: Pair<NotesScope>; origin: string }> {
  const pair = createPair<NotesScope>({
    secret: fileSecrets(await newFolder()),
    store: memoryStore(),
    scopes: ['notes:read', 'notes:write'],
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    ...options,
  })
  const pages = await loadPages(fileURLToPath(new URL('../public', import.meta.url)))
  const server = createServer({
    pair,
    api: createNotesApi(openNotes()),
    pages: createPages(pair, pages),
    addresses: () => [],
  })
  const port = await listen(server, 0, '127.0.0.1')
  onTestFinished(async () => {
    await pair.close()
    server.close()
    server.closeAllConnections()
  })
  return { pair, origin: `http://127.0.0.1:${port}` }
}
