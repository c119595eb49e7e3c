import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createPerson, startIn, type Started } from './starting.ts'

// processes take their time to start on a busy machine
vi.setConfig({ testTimeout: 60_000 })

let root = ''
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'pair-first-start-'))))
afterEach(() => rmSync(root, { recursive: true }))

const start = (env: Record<string, string> = {}): Promise<Started> => startIn(root, env)

/** The commands that the guide gives to start over: to claim anew, and as new. */
const [CLAIM_ANEW = '', AS_NEW = ''] = (() => {
  const guide = readFileSync(new URL('../../../docs/guide.md', import.meta.url), 'utf8')
  const [section = ''] = /^## The first start[^]*?(?=^## )/m.exec(guide) ?? []
  return [...section.matchAll(/```sh\n([^]*?)```/g)].map(([, commands]) => commands)
})()

const run = (commands: string): void =>
  void execFileSync('sh', ['-ec', commands], { cwd: root, stdio: 'inherit' })

describe('NET-07 the secret of a server', () => {
  test.each([
    ['none', ''],
    ['a word', 'secret'],
    ['31 bytes', 'x1Y2z3A4b5C6d7E8f9G0h1I2j3K4l5M'],
    ['what an example could show', 'changeme'.repeat(8)],
  ])('NET-07 has no default: with %s it does not start', async (_, secret) => {
    const { printed, origin } = await start({ TEST_SECRET: secret })
    expect(origin).toBe('')
    expect(printed).toContain('config_invalid: createPair: `secret` must be')
    expect(printed).toContain('randomBytes(32)')
    expect(readdirSync(root)).toEqual([])
  })

  test('NET-07 is made at the first start, for its owner alone, and is the same ever after', async () => {
    const first = await start()
    expect(await (await createPerson()).claim(first, first.secret)).toBe(200)
    const master = readFileSync(join(root, '.data/master'), 'utf8')
    expect(Buffer.from(master.trim(), 'base64url').length).toBeGreaterThanOrEqual(32)
    expect(statSync(join(root, '.data')).mode & 0o777).toBe(0o700)
    expect(statSync(join(root, '.data/master')).mode & 0o777).toBe(0o600)
    await first.stop()
    await start()
    expect(readFileSync(join(root, '.data/master'), 'utf8')).toBe(master)
    expect(first.printed).not.toContain(master.trim())
    mkdirSync(join(root, 'other'))
    await startIn(join(root, 'other'))
    expect(readFileSync(join(root, 'other/.data/master'), 'utf8')).not.toBe(master)
  })

  test('NET-07 is never made anew in the place of a damaged one: the start says what to mend', async () => {
    await (await start()).stop()
    writeFileSync(join(root, '.data/master'), 'half of a sec')
    const { printed, origin } = await start()
    expect(origin).toBe('')
    expect(printed).toContain('.data/master does not hold a whole secret. Restore the file.')
    expect(printed).not.toContain('half of a sec')
    expect(readFileSync(join(root, '.data/master'), 'utf8')).toBe('half of a sec')
  })

  test('NET-07 is in no page, example or package, to be copied', () => {
    const home = fileURLToPath(new URL('../../..', import.meta.url))
    const given = ['README.md', ...listed(home, 'docs', '.md'), ...listed(home, 'examples', '.ts')]
    const sources = listed(home, 'packages', '.ts').filter((path) =>
      /^packages\/(?!testkit)\w.*\/src\//.test(path),
    )
    const copied = [...given, ...sources].flatMap((path) =>
      (readFileSync(join(home, path), 'utf8').match(/\bsecret: *(['"`])(?!\1)[^]*?\1/g) ?? []).map(
        (found) => `${path}: ${found}`,
      ),
    )
    expect(copied).toEqual([])
  })
})

/** The files of a folder with that ending, no tests and nothing that was built. */
function listed(home: string, folder: string, ending: string): string[] {
  return readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending) && !/(^|\/)(node_modules|dist|test|e2e)\//.test(path))
    .map((path) => join(folder, path))
}

describe('NET-07 the owner of a server', () => {
  test('NET-07 claims it by what the first start printed, once; no start prints that again, also not without its database', async () => {
    const first = await start()
    expect(first.secret).toMatch(/^[\w-]{43}$/)
    await first.stop()
    // Nobody came: it is still there to claim.
    const second = await start()
    expect(second.secret).toBe(first.secret)
    const [owner, other] = [await createPerson(), await createPerson()]
    expect(await owner.claim(second, first.secret)).toBe(200)
    expect(await other.claim(second, first.secret)).toBe(401)
    await second.stop()
    const third = await start()
    expect(third.secret).toBeNull()
    expect(third.printed).not.toContain(first.secret)
    expect(await owner.isIn(third)).toBe(true)
    await third.stop()
    run('rm .data/pair.db*')
    const fourth = await start()
    expect(fourth.secret).toBeNull()
    expect([await owner.isIn(fourth), await other.claim(fourth, first.secret)]).toEqual([
      false,
      401,
    ])
  })

  test('NET-07 is one of 40 who claim at once, over processes on one folder', async () => {
    const servers = [await start(), await start()]
    expect(servers[1]!.secret).toBe(servers[0]!.secret)
    const people = await Promise.all(Array.from({ length: 40 }, createPerson))
    const statuses = await Promise.all(
      people.map((person, at) => person.claim(servers[at % 2]!, servers[0]!.secret)),
    )
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect((await start()).secret).toBeNull()
  })
})

describe('NET-07 who starts over as the guide says', () => {
  test('NET-07 claims the server anew, by a fresh secret alone; who was paired stays so', async () => {
    const first = await start()
    const [before, after, late] = [await createPerson(), await createPerson(), await createPerson()]
    expect(await before.claim(first, first.secret)).toBe(200)
    await first.stop()
    run(CLAIM_ANEW)
    const second = await start()
    expect(second.secret).toMatch(/^[\w-]{43}$/)
    expect(second.secret).not.toBe(first.secret)
    expect(await late.claim(second, first.secret)).toBe(401)
    expect(await after.claim(second, second.secret)).toBe(200)
    expect(await late.claim(second, second.secret)).toBe(401)
    expect([await before.isIn(second), await after.isIn(second)]).toEqual([true, true])
    await second.stop()
    expect((await start()).secret).toBeNull()
  })

  test('NET-07 has a server as new, that knows nobody', async () => {
    const first = await start()
    const before = await createPerson()
    expect(await before.claim(first, first.secret)).toBe(200)
    const master = readFileSync(join(root, '.data/master'), 'utf8')
    await first.stop()
    run(AS_NEW)
    const second = await start()
    expect(second.secret).not.toBe(first.secret)
    expect(readFileSync(join(root, '.data/master'), 'utf8')).not.toBe(master)
    expect(await before.isIn(second)).toBe(false)
    expect(await before.claim(second, first.secret)).toBe(401)
    expect(await (await createPerson()).claim(second, second.secret)).toBe(200)
  })

  test('NET-07 has to be who runs it: another user of the host can not', async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'only root can be somebody else')
    const first = await start()
    expect(await (await createPerson()).claim(first, first.secret)).toBe(200)
    await first.stop()
    // others may come as far as this folder, and write to it
    chmodSync(root, 0o777)
    const kept = readdirSync(join(root, '.data'))
    for (const commands of [CLAIM_ANEW, AS_NEW, 'cat .data/master', 'touch .data/owner'])
      expect(
        spawnSync('sh', ['-ec', commands], { cwd: root, uid: 65_534, gid: 65_534 }).status,
      ).not.toBe(0)
    expect(readdirSync(join(root, '.data'))).toEqual(kept)
    expect((await start()).secret).toBeNull()
  })
})
