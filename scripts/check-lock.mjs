// Which per-platform package does an installed package name that the lockfile lacks? A registry that
// doesn't list one makes pnpm leave it out, and a frozen install on that platform then has no native part.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const lock = readFileSync('pnpm-lock.yaml', 'utf8')
const platform = /darwin-arm64|darwin-x64|linux-x64|linux-arm64|win32-x64|windows-x64/
const locked = (key) => lock.includes(`  ${key}:`) || lock.includes(`  '${key}':`)
// listed by `ignoredOptionalDependencies`: not forgotten, not wanted
const leftOut = (name) => lock.includes(`\n  - ${name}\n`)
const store = 'node_modules/.pnpm'

const missing = new Set()
for (const folder of readdirSync(store)) {
  const parts = /^(@[^+]+\+[^@]+|[^@]+)@([^_(]+)/.exec(folder)
  if (folder === 'node_modules' || !parts) continue
  const manifest = join(store, folder, 'node_modules', parts[1].replace('+', '/'), 'package.json')
  if (!existsSync(manifest)) continue
  const { name, version, optionalDependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8'))
  if (!locked(`${name}@${version}`)) continue // left over from an earlier install
  for (const [optional, range] of Object.entries(optionalDependencies)) {
    const key = `${optional}@${range.replace(/^[\^~]/, '')}`
    if (platform.test(optional) && !locked(key) && !leftOut(optional))
      missing.add(`${name}@${version} -> ${key} is not in the lockfile`)
  }
}
if (/https?:\/\//.test(lock)) missing.add('the lockfile names a host')
for (const line of missing) console.error(line)
process.exit(missing.size > 0 ? 1 : 0)
