import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { fileSecrets } from '../src/index.ts'
import { ask, kill, startChild } from './file-secrets-children.ts'

// processes take their time to start on a busy machine
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

const AT_ONCE = 8
const ROUNDS = 8

const root = mkdtempSync(join(tmpdir(), 'pair-secrets-'))
let children: ChildProcess[] = []

beforeAll(async () => {
  children = await Promise.all(Array.from({ length: AT_ONCE }, () => startChild()))
})
afterAll(async () => {
  await Promise.all(children.map(kill))
  rmSync(root, { recursive: true })
})

/** All children asked the same at the same moment. */
async function askAll(...asked: [Parameters<typeof ask>[1], string?, string?]): Promise<unknown[]> {
  return await Promise.all(children.map((child) => ask(child, ...asked)))
}

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8)

test.each(['000', '022', '077'])(
  'STO-03 eight processes that first use a secret at once get the same bytes, and those are kept (umask %s)',
  async (mask) => {
    await askAll('umask', '.', mask)
    const secrets = new Set<string>()
    for (let round = 0; round < ROUNDS; round++) {
      const folder = join(root, `first-${mask}-${round}`, 'inner')
      const answers = await askAll('getOrCreate', folder, 'master')
      const kept = readFileSync(join(folder, 'master'), 'utf8')
      const hex = Buffer.from(kept.trim(), 'base64url').toString('hex')
      expect(answers).toEqual(Array.from({ length: AT_ONCE }, () => hex))
      expect(hex).toMatch(/^[0-9a-f]{64}$/)
      expect(readdirSync(folder)).toEqual(['master'])
      expect([modeOf(join(folder, '..')), modeOf(folder)]).toEqual(['700', '700'])
      expect(modeOf(join(folder, 'master'))).toBe('600')
      secrets.add(hex)
    }
    expect(secrets.size).toBe(ROUNDS)
  },
)

test('STO-03 of eight processes that mark a secret as spent one is the first', async () => {
  await askAll('umask', '.', '000')
  for (let round = 0; round < ROUNDS; round++) {
    const folder = join(root, `spent-${round}`)
    const answers = await askAll('markSpent', folder, 'owner')
    expect(answers.filter((first) => first === true)).toHaveLength(1)
    expect(answers.filter((first) => first === false)).toHaveLength(AT_ONCE - 1)
    expect(modeOf(join(folder, 'owner.spent'))).toBe('600')
  }
})

test('STO-03 while some remove a secret, the others never get a part of one', async () => {
  const folder = join(root, 'removed')
  for (let round = 0; round < ROUNDS * 4; round++) {
    const answers = await Promise.all(
      children.map((child, index) =>
        ask(child, index % 4 === 3 ? 'remove' : 'getOrCreate', folder, 'master'),
      ),
    )
    for (const answer of answers) if (answer !== undefined) expect(answer).toMatch(/^[0-9a-f]{64}$/)
  }
  const last = await askAll('getOrCreate', folder, 'master')
  expect(new Set(last).size).toBe(1)
  expect(readdirSync(folder)).toEqual(['master'])
})

/** Kills one that makes secret after secret; answers which there have to be, with their bytes where they were told. */
async function killWhileMaking(folder: string): Promise<Map<string, string | undefined>> {
  const child = await startChild()
  const secrets = new Map<string, string | undefined>()
  child.on('message', ([name, hex]: [string, string]) => secrets.set(name, hex))
  child.send({ call: 'make many', folder, name: 's' })
  for (let seen = Math.random() * 6; seen > 0; seen--) await once(child, 'message')
  // anywhere in the making of the next one
  for (const until = performance.now() + Math.random() * 4; performance.now() < until;);
  await kill(child)
  for (const entry of readdirSync(folder)) {
    const name = entry.replace(/\..*/, '')
    secrets.set(name, secrets.get(name))
  }
  return secrets
}

test('STO-03 a process that is killed while it makes secrets leaves each whole or none, and what else it left goes', async () => {
  const lane = async (prefix: string): Promise<void> => {
    for (let cycle = 0; cycle < 25; cycle++) {
      const folder = join(root, `killed-${prefix}-${cycle}`)
      const known = await killWhileMaking(folder)
      const secrets = fileSecrets(folder)
      for (const [name, told] of known) {
        const secret = await secrets.getOrCreate(name)
        expect(secret).toHaveLength(32)
        expect(await secrets.getOrCreate(name)).toEqual(secret)
        if (told !== undefined) expect(Buffer.from(secret).toString('hex')).toBe(told)
      }
      expect(readdirSync(folder).sort()).toEqual([...known.keys()].sort())
    }
  }
  await Promise.all([lane('a'), lane('b')])
})

test('STO-03 what a killed process left is no secret, and is taken away', async () => {
  const folder = join(root, 'left')
  const secrets = fileSecrets(folder)
  await secrets.getOrCreate('other')
  const left = join(folder, 'master.01234567-89ab-4def-8123-456789abcdef.tmp')
  const others = join(folder, 'other.01234567-89ab-4def-8123-456789abcdef.tmp')
  writeFileSync(left, 'half of a sec')
  writeFileSync(others, 'half of a sec')
  expect(await secrets.getOrCreate('master')).toHaveLength(32)
  expect(readdirSync(folder).sort()).toEqual(['master', 'other', others.slice(folder.length + 1)])
})
