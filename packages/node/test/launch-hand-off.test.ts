import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createLaunch } from '../src/index.ts'
import { takeHandOff } from '../src/launch-hand-off.ts'
import { launchServer, listening, seedOf } from './launching.ts'

// processes take their time to start on a busy machine
vi.setConfig({ testTimeout: 60_000 })

let root = ''
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'pair-launch-test-'))))
afterEach(() => rmSync(root, { recursive: true }))

describe('CODE-09 the file', () => {
  test('CODE-09 is for its owner alone, and gone once it is read; another process that is told of it starts without', async () => {
    const file = await createLaunch().toFile()
    expect(statSync(file.path).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(file.path)).mode & 0o777).toBe(0o700)
    expect((await listening(launchServer(file.env))).code).not.toBeNull()
    expect(existsSync(file.path)).toBe(false)
    expect((await listening(launchServer(file.env))).code).toBeNull()
    await file.remove()
    await file.remove()
    expect(existsSync(dirname(file.path))).toBe(false)
  })

  test('CODE-09 is taken by one of several processes that start at once', async () => {
    const file = await createLaunch().toFile()
    const codes = await Promise.all(
      Array.from({ length: 4 }, async () => (await listening(launchServer(file.env))).code),
    )
    expect(codes.filter((code) => code !== null)).toHaveLength(1)
    await file.remove()
  })

  test.each<[string, (path: string) => string]>([
    ['others may read', (path) => (chmodSync(path, 0o640), path)],
    [
      'is a link',
      (path) => {
        symlinkSync(path, join(root, 'link'))
        return join(root, 'link')
      },
    ],
    ['is a folder', (path) => dirname(path)],
  ])('CODE-09 is not taken where it %s, and stays', async (_, spoil) => {
    const launch = createLaunch()
    const file = await launch.toFile()
    const { told } = launchServer({ PAIR_LAUNCH_FILE: spoil(file.path) })
    const answer = await told
    expect(answer).toHaveProperty('refused', expect.stringContaining('config_invalid'))
    expect(JSON.stringify(answer)).not.toContain(seedOf(launch))
    expect(existsSync(file.path)).toBe(true)
    await file.remove()
  })
})

describe('CODE-09 what is handed over', () => {
  const seed = 'Zk3v_x8QmT0pLr4WnB6yHgZk3v_x8QmT0pLr4WnB6yQ'
  const until = new Date(Date.now() + 600_000).toISOString()
  const whole = { seed, uses: 2, expiresAt: until }

  const handed = async (text: string): Promise<unknown> => {
    const path = join(root, 'hand-off')
    writeFileSync(path, text, { mode: 0o600 })
    return await launchServer({ PAIR_LAUNCH_FILE: path }).told
  }

  test('CODE-09 may come from a launcher in any language: a line of JSON, one use where it says none', async () => {
    expect(await handed(JSON.stringify(whole))).toMatchObject({ code: { uses: 2 } })
    const { uses: _, ...least } = { ...whole, more: true }
    const said = await handed(
      `${JSON.stringify({ ...least, expiresAt: until.replace(/\.\d+/, '') })}\n`,
    )
    expect(said).toMatchObject({ code: { uses: 1 } })
  })

  test.each<[string, string, string]>([
    ['nothing', '', 'config_invalid'],
    ['no JSON', seed, 'config_invalid'],
    ['a list', JSON.stringify([whole]), 'config_invalid'],
    ['without an end', JSON.stringify({ seed, uses: 1 }), 'config_invalid'],
    [
      'with an end that is no instant',
      JSON.stringify({ ...whole, expiresAt: 'soon' }),
      'config_invalid',
    ],
    [
      'with an end in numbers',
      JSON.stringify({ ...whole, expiresAt: 4_102_444_800_000 }),
      'config_invalid',
    ],
    ['longer than any', JSON.stringify({ ...whole, more: 'x'.repeat(2_000) }), 'config_invalid'],
    ['of a short seed', JSON.stringify({ ...whole, seed: seed.slice(0, 22) }), 'invalid_request'],
    ['for no one', JSON.stringify({ ...whole, uses: 0 }), 'invalid_request'],
    ['for half', JSON.stringify({ ...whole, uses: 0.5 }), 'invalid_request'],
  ])('CODE-09 is refused where it is %s, and not told', async (_, text, code) => {
    const said = await handed(text)
    expect(said).toHaveProperty('refused', expect.stringContaining(code))
    expect(JSON.stringify(said)).not.toContain(seed.slice(0, 20))
  })

  test.each(['0', '1', '2', '03', '-3', '3.0', 'three', '99', '9999', ''])(
    'CODE-09 is not looked for at the descriptor %j',
    async (fd) => {
      const { told } = launchServer({ PAIR_LAUNCH_FD: fd })
      expect(await told).toHaveProperty('refused', expect.stringContaining('PAIR_LAUNCH_FD is '))
    },
  )

  test('CODE-09 is refused where two ways are named', async () => {
    const launch = createLaunch()
    const file = await launch.toFile()
    const { told } = launchServer({ ...file.env, ...launch.envOf(3) })
    expect(await told).toHaveProperty('refused', expect.stringContaining('both set'))
    await file.remove()
  })

  test('CODE-09 is refused where the launcher ends without a word', async () => {
    const started = launchServer({ PAIR_LAUNCH_FD: '3' })
    started.child.stdio[3]?.destroy()
    expect(await started.told).toHaveProperty('refused', expect.stringContaining('config_invalid'))
  })

  test('CODE-09 may come by a file that a shell opened', async () => {
    const path = join(root, 'hand-off')
    writeFileSync(path, JSON.stringify(whole), { mode: 0o600 })
    const fd = openSync(path, 'r')
    const started = launchServer({ PAIR_LAUNCH_FD: '3' }, ['ignore', 'pipe', 'pipe', fd])
    closeSync(fd)
    expect(await listening(started)).toMatchObject({ code: { uses: 2 } })
  })
})

test('CODE-09 a launcher that writes nothing is not waited for without end, and its pipe is closed', async () => {
  const path = join(root, 'pipe')
  execFileSync('mkfifo', [path])
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const env = { PAIR_LAUNCH_FD: String(fd), OTHER: 'stays' }
  await expect(takeHandOff(env, 50)).rejects.toMatchObject({
    code: 'config_invalid',
    cause: { message: 'nothing in 50 ms' },
  })
  expect(env).toEqual({ OTHER: 'stays' })
  await expect.poll(() => isOpen(fd)).toBe(false)
})

function isOpen(fd: number): boolean {
  try {
    return fstatSync(fd).isFIFO()
  } catch {
    return false
  }
}
