import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder of its own, and what takes it away. */
export function newFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'pair-sqlite-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** The path of a database that isn't there yet, in a folder that goes when the test is over. */
export function freshFile(): string {
  const { folder, remove } = newFolder()
  onTestFinished(remove)
  return join(folder, 'pair.db')
}
