import type { Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createPair, isPairError, type Pair } from '@pair/core'
import { oauth } from '@pair/core/oauth'
import { attachUpgrade, reachableAddresses, startSweeping } from '@pair/node'
import { WebSocketServer } from 'ws'
import { announce } from './announce.ts'
import { createNotesApi, type NotesApi } from './api.ts'
import { listen } from './listen.ts'
import { openLive } from './live.ts'
import { createPages, loadPages } from './pages.ts'
import { readSettings } from './settings.ts'
import { openSecrets } from './secrets.ts'
import { stopOnSignals } from './stop.ts'
import { openStorage } from './storage.ts'

export type NotesScope = 'notes:read' | 'notes:write'

/** The parts of the app, none of which knows the framework. */
export interface Parts {
  pair: Pair<NotesScope>
  api: NotesApi
  /** Answers every request that is not for the API. */
  pages: (request: Request) => Promise<Response>
  /** The origins by which a phone may reach this server. */
  addresses: () => readonly string[]
}

const publicFolder = fileURLToPath(new URL('../public', import.meta.url))

async function run(createServer: (parts: Parts) => Server, folder: string): Promise<void> {
  const settings = readSettings(process.env, folder)
  const { host, port, data, publicUrl } = settings
  const hosts = reachableAddresses(host, port).map((origin) => new URL(origin).hostname)
  const isLocal = hosts.length === 1 && /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(hosts[0]!)
  const { store, notes, close } = openStorage(settings)
  const pair = createPair({
    secret: openSecrets(data, settings.secret),
    store,
    scopes: ['notes:read', 'notes:write'],
    // Plain http is for this computer alone, unless HOST opens it to a network that you trust.
    allowInsecureLan: !isLocal,
    allowedHosts: isLocal ? [] : hosts,
    // A proxy in front is believed where it runs on this computer.
    ...(publicUrl === undefined ? {} : { publicUrl, proxy: { cidrs: ['127.0.0.0/8', '::1'] } }),
    admission: settings.admission,
    // Programs without a browser, where requests are decided: their codes are typed on the page /device.
    extensions: [oauth({ clients: [{ id: 'notes-cli', label: 'Notes in a terminal' }] })],
    ...(settings.pendingMs === undefined ? {} : { approval: { pendingMs: settings.pendingMs } }),
  })

  let addresses: readonly string[] = []
  const server = createServer({
    pair,
    api: createNotesApi(notes),
    pages: createPages(pair, await loadPages(publicFolder)),
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

  // What ran out while nobody was here is told and forgotten first.
  await pair.sweep()
  if (settings.recover) await pair.admission.recover(settings.recover)
  addresses = reachableAddresses(host, await listen(server, port, host))
  stopOnSignals(server, () => pair.close().finally(close))
  startSweeping(pair, { onError: (error) => console.error(error) })
  await announce(pair, { addresses, data, publicUrl })
  if (isLocal) console.log('  For a phone on your network, start it with HOST=0.0.0.0')
  console.log('  Press Ctrl-C to stop.\n')
}

/** Starts the app on a framework. What it keeps is in `.data` of that folder. */
export async function start(createServer: (parts: Parts) => Server, folder: string): Promise<void> {
  try {
    await run(createServer, folder)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    if (isPairError(error)) console.error(error.hint)
    process.exit(1)
  }
}
