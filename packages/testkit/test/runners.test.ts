import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const home = join(import.meta.dirname, '..')

/** The packages that an entry and all that it imports ask for. */
function packagesOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return []
  seen.add(file)
  const imports = readFileSync(file, 'utf8').matchAll(/ from '([^']+)'/g)
  return [...imports].flatMap(([, from = '']) =>
    from.startsWith('.') ? packagesOf(join(dirname(file), from), seen) : [from],
  )
}

it.each(['store', 'app'])('STO-01 the entry %s needs no test runner', (entry) => {
  const allowed = ['@pair/core', 'node:assert/strict']
  expect(allowed).toEqual(
    expect.arrayContaining([...new Set(packagesOf(join(home, `src/${entry}.ts`)))]),
  )
})

it('STO-01 the promises are held by a plain program, and sink it where one is broken', async () => {
  const program = `
    import { memoryStore } from '@pair/core'
    import { storePromises } from '@pair/testkit/store'
    for (const promise of storePromises) await promise.holds({ store: memoryStore() })
    console.log(storePromises.length, 'hold')
    const deaf = { ...memoryStore(), commit: async () => true }
    await storePromises[0].holds({ store: deaf }).catch((error) => console.log(error.name))
  `
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@pair/source', '--input-type=module', '--eval', program],
    { cwd: home },
  )
  expect(stdout).toMatch(/^\d\d hold\nAssertionError\n$/)
}, 30_000)
