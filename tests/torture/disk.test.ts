import type { TorturedStore } from '@pair/testkit/torture'
import { afterAll, describe, expect, test } from 'vitest'
import { failingDisk, failWrites, fillDisks, whyNotMounted } from '../../scripts/torture/disk.ts'
import { PATIENCE_MS } from './extent.ts'
import type { BrokenFilePlace, FileDefect } from './places/broken-file.ts'
import type { FilePlace } from './places/sqlite.ts'
import { inFolders } from './stores.ts'

// what `pnpm torture` finds on disks that fail, where a store does not tell of it

function broken(defect: FileDefect): TorturedStore {
  const right = inFolders('file')
  return {
    module: new URL('places/broken-file.ts', import.meta.url).href,
    async fresh() {
      const place = await right.fresh()
      const setting: BrokenFilePlace = { ...(place.setting as FilePlace), defect }
      return { ...place, setting }
    },
  }
}

const disk = failingDisk()
const isBuilt = 'library' in disk

describe.skipIf(!isBuilt)('calls that fail', () => {
  const library = isBuilt ? disk.library : ''
  afterAll(() => disk.remove())

  test(
    'SEC-12 a store that does not tell of a failed fsync is found out',
    async () => {
      const { faults } = await failWrites(broken('no word of fsync'), library, 3)
      expect(faults.join('\n')).toMatch(/a fsync had failed, and nobody was told so/)
    },
    PATIENCE_MS,
  )

  test(
    'SEC-12 a store that does not go on after one failed call is found out',
    async () => {
      const { faults } = await failWrites(broken('gives up'), library, 3)
      expect(faults.join('\n')).toMatch(/its process does not work again/)
    },
    PATIENCE_MS,
  )

  test(
    'SEC-12 calls that never failed are a fault',
    async () => {
      const { count, faults } = await failWrites(inFolders('file'), '/nowhere/failing.so', 3)
      expect({ count, faults }).toEqual({
        count: 0,
        faults: ['no call failed: the library that lets them fail was not loaded'],
      })
    },
    PATIENCE_MS,
  )
})

test.skipIf(whyNotMounted() !== null)(
  'SEC-12 a store that does not tell of a full disk is found out',
  async () => {
    const { faults } = await fillDisks(broken('all is done'), [1_000])
    expect(faults.join('\n')).toMatch(/nobody said that the disk is full/)
    expect(faults.join('\n')).toMatch(/the acknowledged entry \d+ of new is not there/)
  },
  PATIENCE_MS,
)
