import {
  checkHistories,
  disagreeOnTime,
  killProcesses,
  killServer,
  loseAnswers,
  raceForCodes,
  type TortureRow,
} from '@pair/testkit/torture'
import { programs } from '../../packages/store-redis/test/kit/own-server.ts'
import {
  inFolders,
  inMemory,
  onPostgres,
  onRedis,
  type StartedStore,
} from '../../tests/torture/stores.ts'
import { failingDisk, failWrites, fillDisks, whyNotMounted } from './disk.ts'
import type { Extent } from './extents.ts'
import { failOver } from './failover.ts'

export const ROWS = [
  'races',
  'kills',
  'server-kills',
  'failover',
  'histories',
  'lost-answers',
  'clocks',
  'full-disk',
  'disk-errors',
] as const
export type RowName = (typeof ROWS)[number]

/** What a row does; a text: why it does not apply. */
type Doing = string | ((extent: Extent) => Promise<TortureRow[]>)

export interface StoreRows {
  rows: Readonly<Record<RowName, Doing>>
  /** Frees what was started. */
  end(): Promise<void>
}

export const STORES = ['postgres', 'sqlite', 'redis', 'file', 'memory'] as const
export type StoreName = (typeof STORES)[number]

/** Of each process at each code. */
const ATTEMPTS = 4

/** SQLite itself passes over that. */
const UNTOLD = { file: [], sqlite: ['fsync of a folder'] }

const ONE_PROCESS = 'it lives in one process and ends with it'
const NO_SERVER = 'it has no server'
const NO_NETWORK = 'it has no network'
const NO_REPLICA = 'it has no replica'
const DISK_OF_SERVER = 'the disk is the server’s'
const NO_REDIS = 'there is no redis-server: apt-get install redis-server'

export function rowsOf(name: StoreName): StoreRows {
  switch (name) {
    case 'memory':
      return memoryRows()
    case 'file':
      return folderRows('file')
    case 'sqlite':
      return folderRows('sqlite')
    case 'postgres':
      return serverRows(onPostgres(), 'a replica that is promoted is your operator’s')
    case 'redis':
      return programs().length > 0
        ? serverRows(onRedis(), async ({ failovers }) => [
            await failOver(failovers, true),
            await failOver(failovers, false),
          ])
        : { rows: everyRow(NO_REDIS), async end() {} }
  }
}

function memoryRows(): StoreRows {
  const store = inMemory()
  return {
    rows: {
      ...everyRow(ONE_PROCESS),
      races: ({ codes }) => one(raceForCodes(store, { codes, attempts: ATTEMPTS })),
      histories: ({ histories }) => one(checkHistories(store, { histories })),
      clocks: () => one(disagreeOnTime(store)),
    },
    async end() {},
  }
}

function folderRows(kind: 'file' | 'sqlite'): StoreRows {
  const store = inFolders(kind)
  const disk = failingDisk()
  return {
    rows: {
      // a file has room for 5,000 records, and a code leaves some six
      races: ({ codes, fileCodes }) =>
        one(
          raceForCodes(
            store,
            kind === 'file'
              ? { codes: fileCodes, codesAPlace: 500 }
              : { codes, attempts: ATTEMPTS },
          ),
        ),
      kills: ({ localKills }) => one(killProcesses(store, { kills: localKills })),
      'server-kills': NO_SERVER,
      failover: NO_REPLICA,
      histories: ({ histories }) => one(checkHistories(store, { histories })),
      'lost-answers': NO_NETWORK,
      clocks: () => one(disagreeOnTime(store)),
      'full-disk': whyNotMounted() ?? (({ disks }) => one(fillDisks(store, disks))),
      'disk-errors':
        'why' in disk
          ? disk.why
          : ({ writes }) => one(failWrites(store, disk.library, writes, UNTOLD[kind])),
    },
    end: async () => disk.remove(),
  }
}

function serverRows(store: StartedStore, failover: Doing): StoreRows {
  return {
    rows: {
      races: ({ codes }) => one(raceForCodes(store, { codes, attempts: ATTEMPTS })),
      kills: ({ remoteKills }) => one(killProcesses(store, { kills: remoteKills })),
      'server-kills': ({ serverKills }) => one(killServer(store, { kills: serverKills })),
      failover,
      histories: ({ histories }) => one(checkHistories(store, { histories })),
      'lost-answers': ({ stormMs }) => one(loseAnswers(store, { ms: stormMs })),
      clocks: () => one(disagreeOnTime(store)),
      'full-disk': DISK_OF_SERVER,
      'disk-errors': DISK_OF_SERVER,
    },
    end: () => store.end(),
  }
}

function everyRow(why: string): Record<RowName, Doing> {
  return Object.fromEntries(ROWS.map((row) => [row, why])) as Record<RowName, Doing>
}

async function one(running: Promise<TortureRow>): Promise<TortureRow[]> {
  return [await running]
}
