import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { build, defaultServerConditions } from 'vite'
import { freshFile } from './kit/files.ts'

const node20 = findNode20()
const packaged = (name: string): string => createRequire(import.meta.url).resolve(name)

/** The store as one file that a Node without TypeScript can run, and a program beside it. */
async function runOn20(program: string): Promise<ReturnType<typeof spawnSync>> {
  const folder = dirname(freshFile())
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@pair/source', ...defaultServerConditions] },
    ssr: { noExternal: true },
    build: {
      ssr: fileURLToPath(new URL('../src/index.ts', import.meta.url)),
      outDir: folder,
      emptyOutDir: false,
      rollupOptions: { output: { entryFileNames: 'store.mjs' } },
    },
  })
  writeFileSync(join(folder, 'program.mjs'), program)
  return spawnSync(node20!, [join(folder, 'program.mjs')], { encoding: 'utf8', cwd: folder })
}

it.skipIf(!node20)(
  'on Node 20 better-sqlite3 13 is refused with the mend, however it was loaded: it would end the process',
  async () => {
    const path = JSON.stringify(packaged('better-sqlite3'))
    const { status, stdout, stderr } = await runOn20(`
    import { createRequire } from 'node:module'
    import { sqliteStore } from './store.mjs'
    import Imported from ${path}
    const Required = createRequire(import.meta.url)(${path})
    for (const driver of [Imported, Required, class extends Required {}])
      try { sqliteStore('pair.db', { driver }) } catch ({ code, message, hint }) { console.log(code, message, hint) }
    try { sqliteStore('pair.db') } catch ({ code, message, hint }) { console.log(code, message, hint) }`)
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const lines = String(stdout).trim().split('\n')
    expect(lines).toHaveLength(4)
    for (const line of lines.slice(0, 3))
      expect(line).toMatch(
        /^config_invalid .*better-sqlite3 13\.\S+ crashes on Node 20.*better-sqlite3@12.*libsql.*22\.13/,
      )
    expect(lines[3]).toMatch(/^config_invalid .*no node:sqlite.*22\.13.*better-sqlite3@12.*libsql/)
  },
  60_000,
)

it.skipIf(!node20)(
  'on Node 20 libsql works',
  async () => {
    const { stdout, stderr } = await runOn20(`
    import Libsql from ${JSON.stringify(packaged('libsql'))}
    import { sqliteStore } from './store.mjs'
    const store = sqliteStore('pair.db', { driver: Libsql })
    await store.commit([], [{ key: ['a'], value: 'kept', purgeAt: null }])
    console.log((await store.read(['a'])).value)
    process.exit(0)`)
    expect([String(stderr), String(stdout).trim()]).toEqual(['', 'kept'])
  },
  60_000,
)

function findNode20(): string | undefined {
  const runtimes = join(import.meta.dirname, '../../../tests/runtimes/node_modules')
  return [
    process.env['PAIR_HOST_NODE'],
    join(runtimes, 'node20/bin/node'),
    '/usr/local/bin/node',
    '/usr/bin/node',
  ].find((path) => {
    try {
      return path && execFileSync(path, ['-v'], { encoding: 'utf8' }).startsWith('v20.')
    } catch {
      return false
    }
  })
}
