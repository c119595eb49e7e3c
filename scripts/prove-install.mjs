// Publishes every package to a registry on loopback, installs them from it as a user would, and runs the
// quick start of the README there: as ESM, on the Node of the tools and on the host's.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { adapterOf, guardedPath, quickStarts } from './quick-start.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), 'pair-install-'))
const port = await freePort()
const registry = `http://127.0.0.1:${port}/`
writeFileSync(
  join(folder, 'verdaccio.yaml'),
  `storage: ${folder}/storage
uplinks: {}
auth: { htpasswd: { file: ${folder}/htpasswd, max_users: -1 } }
packages:
  "@pair/*": { access: $all, publish: $anonymous, unpublish: $anonymous }
  "**": { access: $all }
log: { type: stdout, format: pretty, level: warn }
`,
)
// Only the scope comes from loopback, everything else from the usual registry.
const npmrc = join(folder, 'npmrc')
writeFileSync(npmrc, `@pair:registry=${registry}\n//127.0.0.1:${port}/:_authToken=local\n`)
const env = { ...process.env, npm_config_userconfig: npmrc, NPM_CONFIG_USERCONFIG: npmrc }
const run = (command, args, cwd) => execFileSync(command, args, { cwd, env, stdio: 'inherit' })

const verdaccio = spawn(
  join(root, 'node_modules/.bin/verdaccio'),
  ['--config', join(folder, 'verdaccio.yaml'), '--listen', `127.0.0.1:${port}`],
  { stdio: ['ignore', 'ignore', 'inherit'] },
)
try {
  await firstAnswer(`${registry}-/ping`)
  const to = ['--no-git-checks', '--access', 'public', '--registry', registry]
  run('pnpm', ['-r', '--filter', './packages/*', 'publish', ...to], root)

  const app = join(folder, 'app')
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), '{"private":true}\n')
  const { devDependencies } = readManifest(root)
  const { ws } = readManifest(join(root, 'packages/node')).devDependencies
  const ours = readdirSync(join(root, 'packages')).map((name) => `@pair/${name}`)
  const peers = ['express', 'hono', '@hono/node-server', 'ws', 'vitest']
  const others = peers.map((name) => `${name}@${{ ...devDependencies, ws }[name]}`)
  run(
    'npm',
    [
      'install',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--no-update-notifier',
      ...ours,
      ...others,
    ],
    app,
  )

  const nodes = new Set([process.execPath, process.env.PAIR_HOST_NODE ?? process.execPath])
  for (const source of quickStarts()) {
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    })
    writeFileSync(join(app, 'server.mjs'), outputText)
    for (const node of nodes) {
      if (source.includes('sqliteStore') && !hasSqlite(node)) namesTheMend(node, app)
      else await refusesStrangers(node, app, source)
    }
  }
  for (const name of ours) {
    const { version, dependencies: own = {} } = readManifest(join(app, 'node_modules', name))
    console.log(name, version, JSON.stringify(own))
  }
} finally {
  verdaccio.kill()
  rmSync(folder, { recursive: true, force: true })
}

/** Runs the installed quick start and asks its guarded route without credentials. */
async function refusesStrangers(node, cwd, source) {
  const path = guardedPath(source)
  const appPort = await freePort()
  const server = spawn(node, ['server.mjs'], {
    cwd,
    env: {
      ...process.env,
      PORT: String(appPort),
      PAIR_SECRET: randomBytes(32).toString('base64url'),
    },
    stdio: 'inherit',
  })
  try {
    const { status } = await firstAnswer(`http://127.0.0.1:${appPort}${path}`, server)
    if (status !== 401) throw new Error(`the guarded route answers ${status}, not 401`)
    const name = adapterOf(source)
    console.log(
      `the quick start with ${name} runs, installed, on Node ${versionOf(node)}: ${path} answers 401`,
    )
  } finally {
    if (server.exitCode === null) {
      const gone = once(server, 'exit')
      server.kill('SIGKILL')
      await gone
    }
  }
}

function versionOf(node) {
  return execFileSync(node, ['-v'], { encoding: 'utf8' }).trim()
}

function hasSqlite(node) {
  const ask = 'process.exit(process.getBuiltinModule?.("node:sqlite") ? 0 : 1)'
  return spawnSync(node, ['--no-warnings', '-e', ask]).status === 0
}

/** A Node without SQLite: it ends with one clear line that says what to install. */
function namesTheMend(node, cwd) {
  const { status, stderr } = spawnSync(node, ['server.mjs'], {
    cwd,
    env: process.env,
    encoding: 'utf8',
  })
  if (status !== 1 || !stderr.includes('libsql')) throw new Error(`no mend on ${node}: ${stderr}`)
  console.log(`without SQLite in it, Node ${versionOf(node)} is told what to install`)
}

async function firstAnswer(url, server) {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (typeof server?.exitCode === 'number')
      throw new Error(`the server ended with exit code ${server.exitCode}`)
    const answer = await fetch(url).catch(() => null)
    if (answer) return answer
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`nothing answers at ${url}`)
}

function readManifest(at) {
  return JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'))
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address()
      server.close(() => resolve(free))
    })
  })
}
