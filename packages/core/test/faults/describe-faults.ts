import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { borrowPostgres } from '../../../store-postgres/test/kit/lend.ts'
import { sqliteStore } from '../../../store-sqlite/src/index.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { tellStory, type Story } from '../records/story.ts'
import { casesOf, run, type Case } from './cases.ts'
import type { Operation } from './makers.ts'
import { openStage, type Stage } from './stage.ts'

interface Kind {
  name: string
  open(): Promise<{ stage: Stage; close(): void | Promise<void> }>
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
  let files = 0

  beforeAll(async () => {
    story = await tellStory()
    folder = await mkdtemp(join(tmpdir(), 'pair-faults-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  // What is made of a read that fails is core's alone; what is made of a commit that does is also the store's.
  const ofDatabases: Pick<Kind, 'has' | 'fails'> = {
    has: ({ mints }) => mints === true,
    fails: ({ call }) => call === 'commit',
  }

  const KINDS: Kind[] = [
    {
      name: 'memory',
      async open() {
        return { stage: await openStage(story, memoryStore({ clock: () => story.at })), close() {} }
      },
      has: () => true,
      fails: () => true,
      width: 150,
    },
    {
      name: 'SQLite',
      async open() {
        // Its own patience is tested elsewhere: here only what is planned may fail.
        const options = { busyMs: 60_000, clock: () => story.at }
        const store = sqliteStore(join(folder, `${++files}.db`), options)
        return { stage: await openStage(story, store), close: () => store.close() }
      },
      ...ofDatabases,
      width: 24,
    },
    {
      name: 'Postgres',
      async open() {
        const options = { timeoutMs: 60_000, clock: () => story.at, listen: false } as const
        const { store, giveBack } = borrowPostgres(options)
        return { stage: await openStage(story, store), close: giveBack }
      },
      ...ofDatabases,
      width: 24,
    },
  ]

  describe.each(KINDS)('on $name', ({ open, has, fails, width }) => {
    let cases: Case[]

    beforeAll(async () => {
      cases = []
      for (const operation of (await operationsOf(story)).filter(has)) {
        const { stage, close } = await open()
        cases.push(...(await casesOf(operation, stage)).filter(fails))
        await close()
      }
    }, 60_000)

    async function faultsOf(one: Case): Promise<string[]> {
      const { stage, close } = await open()
      const faults = await run(one, stage)
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
