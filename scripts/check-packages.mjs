// What is in the tarballs, not what is in the folders: publint and attw on `pnpm pack`'s output.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packPackages } from './pack-packages.mjs'

const folder = mkdtempSync(join(tmpdir(), 'pair-pack-'))
// Node 20.19 and later: `exports` is what counts, and no resolution from before it
const attw = (profile, ...args) =>
  execFileSync('attw', ['--format', 'ascii', '--no-emoji', '--profile', profile, ...args], {
    stdio: 'inherit',
  })
try {
  for (const { tarball, exports } of packPackages(folder)) {
    execFileSync('publint', ['--strict', tarball], { stdio: 'inherit' })
    // what imports an ESM-only peer can't be required
    const esmOnly = Object.keys(exports).filter(
      (path) => exports[path].import && !exports[path].require,
    )
    if (esmOnly.length === 0) attw('node16', tarball)
    else {
      attw('node16', '--exclude-entrypoints', ...esmOnly, '--', tarball)
      attw('esm-only', '--entrypoints', ...esmOnly, '--', tarball)
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
