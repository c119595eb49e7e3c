import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isPairError } from '@pair/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFileSecrets } from '../src/file-secrets.ts'
import { fileSecrets } from '../src/index.ts'
import { diskFailing, diskWith } from './file-secrets-disk.ts'

const CODES = ['EIO', 'ENOSPC', 'EROFS', 'EMFILE']

let root = ''
let folder = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pair-secrets-'))
  folder = join(root, '.data')
})
afterEach(() => rmSync(root, { recursive: true }))

const failing = (faults: Readonly<Record<string, string>>): ReturnType<typeof fileSecrets> =>
  createFileSecrets(diskFailing(faults), folder)
const entries = (): string[] => (existsSync(folder) ? readdirSync(folder) : [])
const leftover = (name: string): string =>
  join(folder, `${name}.01234567-89ab-4def-8123-456789abcdef.tmp`)

async function expectFault(work: Promise<unknown>, code: string, step: string): Promise<void> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ cause: { code } })
  expect(isPairError(error)).toBe(false)
  expect(String(error)).toContain(`${join(folder, 'master')}`)
  expect(String(error)).toContain(`${code}: a fault at ${step}`)
}

describe.each(CODES)('SEC-12 %s', (code) => {
  test.each([
    'mkdir folder',
    'stat folder',
    'open temp',
    'writeFile temp',
    'sync temp',
    'close temp',
    'link temp',
    'unlink temp',
    'open secret',
    'stat secret',
    'readFile secret',
    'close secret',
    'open folder',
    'sync folder',
    'close folder',
  ])('at `%s` is told when a secret is made, and the next call makes it', async (step) => {
    await expectFault(failing({ [step]: code }).getOrCreate('master'), code, step)
    if (step !== 'unlink temp') expect(entries().filter((name) => name !== 'master')).toEqual([])
    const left = entries().includes('master') ? readFileSync(join(folder, 'master'), 'utf8') : null
    const secret = await fileSecrets(folder).getOrCreate('master')
    expect(secret).toHaveLength(32)
    expect(entries()).toEqual(['master'])
    if (left !== null) expect(left).toBe(`${Buffer.from(secret).toString('base64url')}\n`)
  })

  test.each([
    'stat folder',
    'open secret',
    'stat secret',
    'readFile secret',
    'close secret',
    'open folder',
    'sync folder',
    'close folder',
  ])('at `%s` is told when a secret is read, which stays as it is', async (step) => {
    const secret = await fileSecrets(folder).getOrCreate('master')
    await expectFault(failing({ [step]: code }).getOrCreate('master'), code, step)
    expect(entries()).toEqual(['master'])
    expect(await fileSecrets(folder).getOrCreate('master')).toEqual(secret)
  })

  test.each([
    'stat folder',
    'open mark',
    'sync mark',
    'close mark',
    'open folder',
    'sync folder',
    'close folder',
  ])('at `%s` is told when a secret is spent, which then still can be, once', async (step) => {
    await fileSecrets(folder).getOrCreate('master')
    await expectFault(failing({ [step]: code }).markSpent('master'), code, step)
    expect(entries()).toEqual(['master'])
    expect(await fileSecrets(folder).markSpent('master')).toBe(true)
    // and a fault doesn't open again what is spent
    await failing({ [step]: code })
      .markSpent('master')
      .then(
        (first) => expect(first).toBe(false),
        () => {},
      )
    expect(await fileSecrets(folder).markSpent('master')).toBe(false)
  })

  test.each([
    'unlink secret',
    'unlink temp',
    'readdir folder',
    'open folder',
    'sync folder',
    'close folder',
  ])('at `%s` is told when a secret is removed, and the next call removes it', async (step) => {
    await fileSecrets(folder).getOrCreate('master')
    writeFileSync(leftover('master'), '')
    await expectFault(failing({ [step]: code }).remove('master'), code, step)
    await fileSecrets(folder).remove('master')
    expect(entries()).toEqual([])
  })

  test.each(['readdir folder', 'unlink temp'])(
    'at `%s` does not keep a secret from who asks, only what a dead process left stays longer',
    async (step) => {
      const secret = await fileSecrets(folder).getOrCreate('master')
      writeFileSync(leftover('master'), '')
      expect(await failing({ [step]: code }).getOrCreate('master')).toEqual(secret)
      expect(entries()).toHaveLength(2)
      await fileSecrets(folder).getOrCreate('master')
      expect(entries()).toEqual(['master'])
    },
  )
})

test.each([
  ['writeFile temp', 'close temp'],
  ['sync temp', 'unlink temp'],
  ['link temp', 'unlink temp'],
  ['readFile secret', 'close secret'],
  ['sync folder', 'close folder'],
])('STO-02 where `%s` fails and then `%s`, the first is told', async (first, second) => {
  const secrets = failing({ [first]: 'EIO', [second]: 'EROFS' })
  await expectFault(secrets.getOrCreate('master'), 'EIO', first)
})

test('STO-02 a spent mark that can neither be kept nor taken back is told, and counts', async () => {
  const secrets = failing({ 'sync mark': 'EIO', 'unlink mark': 'EROFS' })
  await expectFault(secrets.markSpent('master'), 'EIO', 'sync mark')
  expect(await fileSecrets(folder).markSpent('master')).toBe(false)
})

test.each(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR'])(
  'a file system without hard links (%s) is refused with what to do, and nothing stays',
  async (code) => {
    await expect(failing({ 'link temp': code }).getOrCreate('master')).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining(`${folder} does not allow hard links`) as string,
      hint: expect.stringContaining('`secret`') as string,
      cause: { code },
    })
    expect(entries()).toEqual([])
  },
)

test('a file system that can not sync folders is taken as it is', async () => {
  const secrets = failing({ 'sync folder': 'EINVAL' })
  expect(await secrets.getOrCreate('master')).toHaveLength(32)
  expect(await secrets.markSpent('master')).toBe(true)
})

test.each([
  ['stat folder', '.data'],
  ['stat secret', '.data/master'],
])('STO-03 what belongs to another user (`%s`) is refused', async (step, path) => {
  await fileSecrets(folder).getOrCreate('master')
  const disk = diskWith(async (at, real) => {
    const result = await real()
    return at === step ? Object.assign(result as object, { uid: 4321 }) : result
  })
  await expect(createFileSecrets(disk, folder).getOrCreate('master')).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining(`${join(root, path)} belongs to the user 4321`) as string,
    hint: `Run: chown ${process.geteuid?.()} '${join(root, path)}'`,
  })
})

test('what is made is synced before it has its name, and its name before it is answered', async () => {
  const steps: string[] = []
  const disk = diskWith(async (step, real) => {
    const result = await real()
    steps.push(step)
    return result
  })
  const secrets = createFileSecrets(disk, join(folder, 'inner'))
  await secrets.getOrCreate('master')
  steps.push('answered')
  await secrets.markSpent('master')
  steps.push('answered')
  const told = /^(mkdir|writeFile|sync|link|answered)/
  const made = ['mkdir folder', 'sync folder', 'mkdir folder', 'sync folder']
  const kept = ['writeFile temp', 'sync temp', 'link temp', 'sync folder', 'answered']
  const spent = ['sync mark', 'sync folder', 'answered']
  expect(steps.filter((step) => told.test(step))).toEqual(made.concat(kept, spent))
})

test('a secret that is removed as soon as it is made ends in an error, not in a loop', async () => {
  const disk = diskWith(async (step, real) => {
    const result = await real()
    if (step === 'link temp') rmSync(join(folder, 'master'))
    return result
  })
  const asked = createFileSecrets(disk, folder).getOrCreate('master')
  await expect(asked).rejects.toThrow(`${join(folder, 'master')}: it is removed as often`)
})

test('a maker whose file was taken for a leftover goes on with the secret of the first', async () => {
  const first: Uint8Array[] = []
  const disk = diskWith(async (step, real) => {
    if (step === 'link temp' && first.length === 0)
      first.push(await fileSecrets(folder).getOrCreate('master'))
    return await real()
  })
  expect(await createFileSecrets(disk, folder).getOrCreate('master')).toEqual(first[0])
})
