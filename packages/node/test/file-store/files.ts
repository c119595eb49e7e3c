import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder of its own below a root of its own, and what takes both away. */
export function newFolder(): { root: string; folder: string; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), 'pair-file-store-'))
  const folder = join(root, '.data')
  mkdirSync(folder, { mode: 0o700 })
  return { root, folder, remove: () => rmSync(root, { recursive: true, force: true }) }
}

/** The path of a file that isn't there yet, in a folder that goes when the test is over. */
export function freshFile(): string {
  const { folder, remove } = newFolder()
  onTestFinished(remove)
  return join(folder, 'pair.json')
}
