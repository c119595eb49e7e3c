// What is in the tarballs, not what is in the folders: publint and attw on `pnpm pack`'s output.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packPackages } from './pack-packages.mjs'

const folder = mkdtempSync(join(tmpdir(), 'pair-pack-'))
try {
  for (const { tarball } of packPackages(folder)) {
    execFileSync('publint', ['--strict', tarball], { stdio: 'inherit' })
    execFileSync('attw', ['--format', 'ascii', '--no-emoji', tarball], { stdio: 'inherit' })
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
