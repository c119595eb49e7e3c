import { accessSync, constants, mkdtempSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Files in memory, and how much of it these tests may need. */
const MEMORY = '/dev/shm'
const NEEDED = 512 * 1024 * 1024

/** A folder that stays until it is removed: in memory where there is room, since nobody here asks what a power cut leaves. */
export function freshFolder(): string {
  return mkdtempSync(join(isRoomy() ? MEMORY : tmpdir(), 'pair-'))
}

function isRoomy(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK)
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize > NEEDED
  } catch {
    return false
  }
}
