import { fileURLToPath } from 'node:url'
import { createPair, isPairError, memoryStore } from '@pair/core'
import { attachUpgrade, reachableAddresses, startSweeping, startupBanner } from '@pair/node'
import { WebSocketServer } from 'ws'
import { createNotesApi } from './api.ts'
import { createServer } from './hono.ts'
import { listen } from './listen.ts'
import { openLive } from './live.ts'
import { createNotes } from './notes.ts'
import { loadPages } from './pages.ts'
import { readSecret } from './secret.ts'
import { readSettings } from './settings.ts'
import { stopOnSignals } from './stop.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))

async function main(): Promise<void> {
  const { port, host } = readSettings(process.env)
  const hosts = reachableAddresses(host, port).map((origin) => new URL(origin).hostname)
  const isLocal = hosts.length === 1 && /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(hosts[0]!)
  const pair = createPair({
    secret: await readSecret(`${folder}.data`, process.env),
    store: memoryStore(),
    scopes: ['notes:read', 'notes:write'],
    // Plain http is for this computer alone, unless HOST opens it to a network that you trust.
    allowInsecureLan: !isLocal,
    allowedHosts: isLocal ? [] : hosts,
  })

  const notes = createNotes()
  let addresses: readonly string[] = []
  const server = createServer({
    pair,
    api: createNotesApi(notes),
    pages: await loadPages(`${folder}public`),
    addresses: () => addresses,
  })
  attachUpgrade(server, {
    pair,
    path: '/live',
    need: { scopes: ['notes:read'] },
    ws: { WebSocketServer },
    onConnection: (connection) =>
      openLive(notes, connection.socket, {
        label: () => connection.auth.session.device.label,
        mayWrite: () => connection.auth.session.scopes.includes('notes:write'),
      }),
  })

  addresses = reachableAddresses(host, await listen(server, port, host))
  stopOnSignals(server, () => pair.close())
  startSweeping(pair)
  const code = await pair.startupCode({ origin: addresses[0]! })
  console.log(startupBanner({ ...code, name: 'Notes', addresses }))
  if (isLocal)
    console.log('  For a phone on your network, start it like this: HOST=0.0.0.0 npm run demo')
  console.log('  Press Ctrl-C to stop.\n')
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  if (isPairError(error)) console.error(error.hint)
  process.exit(1)
}
