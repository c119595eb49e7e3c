import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileStore } from '../../../node/src/index.ts'
import { borrowRedis } from '../../../store-redis/test/kit/lend.ts'
import { sqliteStore } from '../../../store-sqlite/src/index.ts'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { freshFolder } from '../kit/fresh-folder.ts'
import { borrowPostgres } from '../../../store-postgres/test/kit/lend.ts'
import { replayInto } from '../records/replay.ts'
import { tellStory, type Story } from '../records/story.ts'
import { casesOf, run, type Case } from './cases.ts'
import type { Operation } from './makers.ts'
import { openStage } from './stage.ts'

/** A store with all that the story left. */
interface Told {
  store: Store
  close(): void | Promise<void>
}

interface Kind {
  name: string
  open(): Promise<Told>
  /** Which operations, and which of their calls. */
  has(operation: Operation): boolean
  fails(one: Case): boolean
  /** How many cases may hang at the same time. */
  width: number
}

/** Every call of the store of every one of these operations, with every fault that it can have. */
export function describeFaults(operationsOf: (story: Story) => Promise<Operation[]>): void {
  let story: Story
  let folder: string
  let folders = 0

  beforeAll(async () => {
    story = await tellStory()
    folder = freshFolder()
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  // What is made of a read that fails is core's alone; what is made of a commit that does is also the store's.
  const ofDatabases: Pick<Kind, 'has' | 'fails' | 'width'> = {
    has: ({ mints }) => mints === true,
    fails: ({ call }) => call === 'commit',
    width: 24,
  }
  // Their own patience is tested elsewhere: here only what is planned may fail.
  const patient = 60_000
  const clock = (): number => story.at

  /** Stores in a folder: the first one is told the story, the others begin with copies of its files. */
  function inFolders(open: (place: string) => Store & { close(): void | Promise<void> }) {
    let first: Promise<string> | undefined
    const freshPlace = (): string => {
      const place = join(folder, `${++folders}`)
      mkdirSync(place, { mode: 0o700 })
      return place
    }
    const tellFirst = async (): Promise<string> => {
      const place = freshPlace()
      const store = await replayInto(open(place), story)
      await store.close()
      return place
    }
    return async (): Promise<Told> => {
      const place = freshPlace()
      cpSync(await (first ??= tellFirst()), place, { recursive: true })
      const store = open(place)
      return {
        store,
        async close() {
          await store.close()
          rmSync(place, { recursive: true })
        },
      }
    }
  }

  const KINDS: Kind[] = [
    {
      name: 'memory',
      open: async () => ({ store: await replayInto(memoryStore({ clock }), story), close() {} }),
      has: () => true,
      fails: () => true,
      width: 150,
    },
    {
      name: 'SQLite',
      open: inFolders((place) => sqliteStore(join(place, 'pair.db'), { busyMs: patient, clock })),
      ...ofDatabases,
    },
    {
      name: 'Postgres',
      async open() {
        const { open, giveBack } = borrowPostgres({ timeoutMs: patient, clock, listen: false })
        return { store: await replayInto(open(), story), close: giveBack }
      },
      ...ofDatabases,
    },
    {
      name: 'Redis',
      async open() {
        const { open, giveBack } = borrowRedis({ timeoutMs: patient, clock, listen: false })
        return { store: await replayInto(open(), story), close: giveBack }
      },
      ...ofDatabases,
    },
    {
      name: 'a plain file',
      open: inFolders((place) => fileStore(join(place, 'pair.json'), { busyMs: patient, clock })),
      ...ofDatabases,
    },
  ]

  describe.each(KINDS)('on $name', ({ open, has, fails, width }) => {
    let cases: Case[]

    beforeAll(async () => {
      cases = []
      for (const operation of (await operationsOf(story)).filter(has)) {
        const { store, close } = await open()
        cases.push(...(await casesOf(operation, await openStage(story, store))).filter(fails))
        await close()
      }
    }, 60_000)

    async function faultsOf(one: Case): Promise<string[]> {
      const { store, close } = await open()
      const faults = await run(one, await openStage(story, store))
      await close()
      return faults
    }

    test.concurrent.each(['error', 'hang'] as const)(
      'SEC-04 %s: whichever call of the store it befalls, the answer comes in time and is true, and nobody is in who was told no',
      { timeout: 360_000 },
      async (fault) => {
        const some = cases.filter((one) => one.fault.startsWith(fault))
        expect(some.length).toBeGreaterThan(50)
        const faults: string[] = []
        const rest = some.values()
        const work = async (): Promise<void> => {
          for (const one of rest) faults.push(...(await faultsOf(one)))
        }
        await Promise.all(Array.from({ length: fault === 'hang' ? width : 4 }, work))
        expect(faults).toEqual([])
      },
    )
  })
}
