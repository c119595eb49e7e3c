import { execFileSync, execSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPair, isPairError, memoryStore, type PairError } from '@pair/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileSecrets } from '../src/index.ts'

let root = ''
let folder = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pair-secrets-'))
  folder = join(root, "it's .data")
})
afterEach(() => rmSync(root, { recursive: true }))

const kept = (name: string): string => readFileSync(join(folder, name), 'utf8')

async function refusalOf(work: Promise<unknown>): Promise<PairError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!isPairError(error)) throw new Error('this was not refused', { cause: error })
  expect(error.code).toBe('config_invalid')
  return error
}

test('a secret is made once and is the same ever after', async () => {
  const first = await fileSecrets(folder).getOrCreate('master')
  expect(first).toHaveLength(32)
  expect(await fileSecrets(folder).getOrCreate('master')).toEqual(first)
  expect(kept('master')).toBe(`${Buffer.from(first).toString('base64url')}\n`)
  expect(await fileSecrets(folder).getOrCreate('other')).not.toEqual(first)
  expect(readdirSync(folder).sort()).toEqual(['master', 'other'])
})

test('what is answered is a copy that the caller may wipe', async () => {
  const secrets = fileSecrets(folder)
  const first = await secrets.getOrCreate('master')
  expect(first.buffer.byteLength).toBe(32)
  first.fill(0)
  expect(await secrets.getOrCreate('master')).not.toEqual(first)
})

test('forty first uses at once in one process get the same secret', async () => {
  for (let round = 0; round < 8; round++) {
    const secrets = fileSecrets(join(folder, String(round)))
    const asked = Array.from({ length: 40 }, () => secrets.getOrCreate('master'))
    const answers = (await Promise.all(asked)).map((bytes) => Buffer.from(bytes).toString('hex'))
    expect(new Set(answers).size).toBe(1)
    expect(readdirSync(join(folder, String(round)))).toEqual(['master'])
  }
})

test('two servers on one folder accept what the other gave out', async () => {
  const secret = fileSecrets(folder)
  const store = memoryStore()
  const [one, other] = [createPair({ secret, store }), createPair({ secret, store })]
  const { typed } = await one.codes.issue({ origin: 'http://localhost' })
  const request = new Request('http://localhost/auth/redeem', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: typed }),
  })
  expect((await other.handler(request))?.status).toBe(200)
  await Promise.all([one.close(), other.close()])
})

test(
  'a relative folder is that of the directory in which it was named',
  { timeout: 60_000 },
  () => {
    const script = `
    import { fileSecrets } from '${new URL('../src/index.ts', import.meta.url).href}'
    const secrets = fileSecrets('.data')
    process.chdir('..')
    await secrets.getOrCreate('master')`
    const given = ['--conditions=@pair/source', '--input-type=module', '--eval', script]
    execFileSync(process.execPath, given, { cwd: root })
    expect(readdirSync(join(root, '.data'))).toEqual(['master'])
  },
)

test('STO-03 removing a secret that is missing succeeds, also where the folder is', async () => {
  const secrets = fileSecrets(folder)
  await secrets.remove('master')
  expect(existsSync(folder)).toBe(false)
  const first = await secrets.getOrCreate('master')
  await secrets.remove('master')
  await secrets.remove('master')
  expect(readdirSync(folder)).toEqual([])
  expect(await secrets.getOrCreate('master')).not.toEqual(first)
})

test('removing a secret takes the copies that a dead process left', async () => {
  const secrets = fileSecrets(folder)
  await secrets.getOrCreate('master')
  const left = join(folder, 'master.01234567-89ab-4def-8123-456789abcdef.tmp')
  writeFileSync(left, kept('master'), { mode: 0o600 })
  await secrets.remove('master')
  expect(readdirSync(folder)).toEqual([])
})

test('a secret is spent once, whatever becomes of it and of the store', async () => {
  const secrets = fileSecrets(folder)
  await secrets.getOrCreate('owner')
  expect(await secrets.markSpent('owner')).toBe(true)
  expect(await fileSecrets(folder).markSpent('owner')).toBe(false)
  await secrets.remove('owner')
  await secrets.getOrCreate('owner')
  expect(await secrets.markSpent('owner')).toBe(false)
  expect(await secrets.markSpent('other')).toBe(true)
})

test('STO-03 a folder that others may enter, list or write is refused, with the line that mends it', async () => {
  mkdirSync(folder)
  for (const mode of [0o755, 0o750, 0o710, 0o701, 0o702, 0o1777]) {
    chmodSync(folder, mode)
    const secrets = fileSecrets(folder)
    for (const work of [() => secrets.getOrCreate('master'), () => secrets.markSpent('master')]) {
      const { message, hint } = await refusalOf(work())
      expect(message).toContain(folder)
      expect(hint).toMatch(/^Run: chmod 700 /)
      expect(readdirSync(folder)).toEqual([])
    }
  }
  const { hint } = await refusalOf(fileSecrets(folder).getOrCreate('master'))
  execSync(hint.replace('Run: ', ''))
  expect(await fileSecrets(folder).getOrCreate('master')).toHaveLength(32)
})

test('a file in the place of the folder is refused', async () => {
  writeFileSync(folder, '', { mode: 0o600 })
  const { message } = await refusalOf(fileSecrets(folder).getOrCreate('master'))
  expect(message).toContain(`${folder} is not a folder`)
})

test('STO-03 a secret that others may read or write is refused, with the line that mends it', async () => {
  const secrets = fileSecrets(folder)
  const first = await secrets.getOrCreate('master')
  for (const mode of [0o644, 0o640, 0o604, 0o620, 0o602]) {
    chmodSync(join(folder, 'master'), mode)
    const { message, hint } = await refusalOf(secrets.getOrCreate('master'))
    expect(message).toContain(join(folder, 'master'))
    expect(message).toContain(mode.toString(8))
    expect(hint).toMatch(/^Run: chmod 600 /)
    execSync(hint.replace('Run: ', ''))
    expect(await secrets.getOrCreate('master')).toEqual(first)
  }
})

test('a link, a folder or a pipe in the place of a secret is refused, and nothing waits', async () => {
  const secrets = fileSecrets(folder)
  await secrets.getOrCreate('master')
  const path = join(folder, 'master')
  renameSync(path, join(folder, 'elsewhere'))
  for (const put of [
    () => symlinkSync('elsewhere', path),
    () => symlinkSync('nowhere', path),
    () => mkdirSync(path),
    () => execSync(['mkfifo -m 600', `"${path}"`].join(' ')),
  ]) {
    put()
    const { message } = await refusalOf(secrets.getOrCreate('master'))
    expect(message).toContain(`${path} is not a plain file`)
    rmSync(path, { recursive: true })
  }
  expect(readdirSync(folder)).toEqual(['elsewhere'])
})

test('STO-03 a damaged secret is named and never replaced, and its text is not told', async () => {
  const secrets = fileSecrets(folder)
  await secrets.getOrCreate('master')
  const path = join(folder, 'master')
  const whole = kept('master')
  for (const damaged of [
    '',
    '\n',
    whole.slice(0, 20),
    whole.slice(0, 42),
    `${whole.slice(0, 42)}\n`,
    `${whole.trim()}\n\n`,
    ` ${whole}`,
    `${whole.trim()}=`,
    whole.replace(/^./, '+'),
    `${whole.slice(0, 10)} ${whole.slice(10)}`,
    '\0'.repeat(44),
    `${'A'.repeat(42)}B\n`, // the same bytes as with an A: not the canonical spelling
    'A'.repeat(2000),
  ]) {
    writeFileSync(path, damaged)
    const error = await refusalOf(secrets.getOrCreate('master'))
    expect(error.message).toContain(path)
    expect(error.hint).toMatch(/delete/)
    expect(`${error.stack} ${error.hint}`).not.toContain(whole.slice(0, 10))
    expect(kept('master')).toBe(damaged)
  }
  truncateSync(path)
  await refusalOf(secrets.getOrCreate('master'))
})

test('a secret made by hand is taken, with more than 32 bytes or the line end of another editor', async () => {
  mkdirSync(folder, { mode: 0o700 })
  const bytes = Buffer.alloc(48, 'made by hand ')
  for (const end of ['', '\n', '\r\n']) {
    writeFileSync(join(folder, 'master'), bytes.toString('base64url') + end, { mode: 0o600 })
    const secret = await fileSecrets(folder).getOrCreate('master')
    expect(Buffer.from(secret)).toEqual(bytes)
  }
})

test.each(['', 'Master', '../master', 'a/b', 'a.spent', '1a', '-a', 'a\n', 'ä', 'a'.repeat(65)])(
  'the name %j is refused before anything is made',
  async (name) => {
    const secrets = fileSecrets(folder)
    await expect(secrets.getOrCreate(name)).rejects.toThrow(TypeError)
    await expect(secrets.markSpent(name)).rejects.toThrow(TypeError)
    await expect(secrets.remove(name)).rejects.toThrow(TypeError)
    expect(existsSync(folder)).toBe(false)
  },
)

test('the longest name and a folder of many levels are fine', async () => {
  const secrets = fileSecrets(join(folder, 'a', 'b', 'c'))
  expect(await secrets.getOrCreate('a'.repeat(64))).toHaveLength(32)
  expect(() => fileSecrets('')).toThrow('`folder`')
})
