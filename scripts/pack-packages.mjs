import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packages = join(dirname(dirname(fileURLToPath(import.meta.url))), 'packages')

/** Packs every built package into that folder, as it would be published. */
export function packPackages(folder) {
  return readdirSync(packages).map((name) => {
    const cwd = join(packages, name)
    if (!existsSync(join(cwd, 'dist')))
      throw new Error(`packages/${name} is not built. Run: pnpm run build`)
    const manifest = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'))
    const tarball = join(folder, `${name}.tgz`)
    execFileSync('pnpm', ['pack', '--out', tarball], {
      cwd,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return { name: manifest.name, folder: name, tarball, exports: manifest.exports }
  })
}
