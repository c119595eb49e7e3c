import type { ChildProcess } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isPairError } from '@pair/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFileSecrets } from '../src/file-secrets.ts'
import { fileSecrets } from '../src/index.ts'
import { ask, kill, startChild } from './file-secrets-children.ts'
import { diskFailing } from './file-secrets-disk.ts'

// processes take their time to start on a busy machine
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let root = ''
let folder = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pair-secrets-'))
  folder = join(root, '.data')
})
afterEach(() => rmSync(root, { recursive: true }))

describe('whether a secret is spent', () => {
  test('is told without making anything: not the secret, not the folder', async () => {
    const secrets = fileSecrets(folder)
    expect(await secrets.isSpent('owner')).toBe(false)
    expect(existsSync(folder)).toBe(false)
    await secrets.getOrCreate('owner')
    expect(await secrets.isSpent('owner')).toBe(false)
    expect(readdirSync(folder)).toEqual(['owner'])
  })

  test('is true from the mark on, for every reader, and whatever becomes of the secret', async () => {
    const secrets = fileSecrets(folder)
    await secrets.getOrCreate('owner')
    await secrets.markSpent('owner')
    for (const reader of [secrets, fileSecrets(folder)]) {
      expect(await reader.isSpent('owner')).toBe(true)
      expect(await reader.isSpent('other')).toBe(false)
    }
    await secrets.remove('owner')
    expect(await secrets.isSpent('owner')).toBe(true)
    rmSync(join(folder, 'owner.spent'))
    expect(await secrets.isSpent('owner')).toBe(false)
  })

  test('is true for whatever stands in the place of the mark, which could not be made there', async () => {
    mkdirSync(folder, { mode: 0o700 })
    symlinkSync(join(root, 'nowhere'), join(folder, 'one.spent'))
    mkdirSync(join(folder, 'two.spent'))
    writeFileSync(join(folder, 'three.spent'), '')
    const secrets = fileSecrets(folder)
    for (const name of ['one', 'two', 'three']) {
      expect(await secrets.isSpent(name)).toBe(true)
      expect(await secrets.markSpent(name)).toBe(false)
    }
  })

  test.each([0o755, 0o770, 0o702])(
    'STO-03 is not believed of a folder that others may enter or write (mode %o)',
    async (mode) => {
      await fileSecrets(folder).markSpent('owner')
      chmodSync(folder, mode)
      const error = await fileSecrets(folder)
        .isSpent('owner')
        .catch((thrown: unknown) => thrown)
      expect(isPairError(error) && [error.code, error.hint]).toEqual([
        'config_invalid',
        `Run: chmod 700 '${folder}'`,
      ])
    },
  )

  test('is not told of a folder that is a file', async () => {
    writeFileSync(folder, '')
    await expect(fileSecrets(folder).isSpent('owner')).rejects.toMatchObject({
      code: 'config_invalid',
    })
  })

  test.each([
    ['stat folder', 'EACCES'],
    ['stat folder', 'EIO'],
    ['lstat mark', 'EACCES'],
    ['lstat mark', 'EMFILE'],
  ])('SEC-12 is an error where it can not be read (%s %s), never a no', async (step, code) => {
    await fileSecrets(folder).markSpent('owner')
    const reading = createFileSecrets(diskFailing({ [step]: code }), folder).isSpent('owner')
    await expect(reading).rejects.toThrow(
      `can not look for ${join(folder, 'owner.spent')}: ${code}: a fault at ${step}`,
    )
    expect(await fileSecrets(folder).isSpent('owner')).toBe(true)
  })

  test.each(['', '../owner', 'Owner', 'owner.spent', 'a/b'])(
    'is not asked of the name %o',
    async (name) => {
      await expect(fileSecrets(folder).isSpent(name)).rejects.toThrow(TypeError)
    },
  )
})

describe('while eight processes race for the mark', () => {
  let children: ChildProcess[] = []
  beforeAll(async () => {
    children = await Promise.all(Array.from({ length: 8 }, () => startChild()))
  })
  afterAll(() => Promise.all(children.map(kill)))

  test('STO-03 nobody who looks sees it go away again, and whoever heard that it is made sees it', async () => {
    for (let round = 0; round < 8; round++) {
      const at = join(folder, String(round))
      await fileSecrets(at).getOrCreate('owner')
      const lookers = children.slice(4)
      const marked = Promise.all(
        children.slice(0, 4).map(async (child) => {
          const first = await ask(child, 'markSpent', at, 'owner')
          expect(await ask(child, 'isSpent', at, 'owner')).toBe(true)
          return first
        }),
      )
      const seen = await Promise.all(
        lookers.map(async (child) => {
          const answers: unknown[] = []
          while (answers.at(-1) !== true) answers.push(await ask(child, 'isSpent', at, 'owner'))
          for (let more = 0; more < 5; more++)
            answers.push(await ask(child, 'isSpent', at, 'owner'))
          return answers
        }),
      )
      expect((await marked).filter((first) => first === true)).toHaveLength(1)
      for (const answers of seen)
        expect(answers.slice(answers.indexOf(true))).toEqual(Array.from({ length: 6 }, () => true))
    }
  })
})
