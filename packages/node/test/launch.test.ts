import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough, type Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createLaunch, type Launch } from '../src/index.ts'
import { end, launchServer, listening, redeem, seedOf, type Launched } from './launching.ts'

// processes take their time to start on a busy machine
vi.setConfig({ testTimeout: 60_000 })

let root = ''
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'pair-launch-test-'))))
afterEach(() => rmSync(root, { recursive: true }))

async function byFd(launch: Launch, env: Record<string, string> = {}): Promise<Launched> {
  const started = launchServer({ ...launch.envOf(3), ...env })
  await launch.hand(started.child.stdio[3])
  return started
}

async function byFile(launch: Launch, env: Record<string, string> = {}): Promise<Launched> {
  const file = await launch.toFile()
  const started = launchServer({ ...file.env, ...env })
  started.child.once('exit', () => void file.remove())
  return started
}

const ways = [
  ['a descriptor', byFd],
  ['a file', byFile],
] as const

describe.each(ways)('CODE-09 a launcher that hands its code over by %s', (_, start) => {
  test('CODE-09 opens a window by the link that it knew before, once, and nothing of the launch is left', async () => {
    const launch = createLaunch()
    const started = await start(launch)
    const { origin, code, left } = await listening(started)
    expect(code).toMatchObject({
      label: 'Launcher',
      uses: 1,
      used: 0,
      scopes: ['notes:read', 'access:read'],
    })
    expect(left).toEqual([])
    const link = launch.link(origin)
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/pair#code=[\w-]{43}$/)
    // Who only looks uses nothing up.
    for (const path of ['/pair', `/pair?code=${seedOf(launch)}`]) await fetch(origin + path)
    expect([await redeem(link), await redeem(link)]).toEqual([200, 401])
    expect(started.output()).not.toContain(seedOf(launch))
  })

  test('CODE-09 is not seen by who lists processes', async () => {
    if (process.platform !== 'linux') return
    const launch = createLaunch()
    const started = await start(launch)
    await listening(started)
    for (const file of ['cmdline', 'environ']) {
      const text = readFileSync(`/proc/${started.child.pid}/${file}`, 'latin1')
      expect(text).toContain(file === 'cmdline' ? 'launch-process.ts' : 'PAIR_LAUNCH_F')
      expect(text).not.toContain(seedOf(launch))
    }
  })

  test.each([1, 3, 17])(
    'CODE-09 lets in %i of 40 who come eight at a time, as it was asked for',
    async (uses) => {
      const launch = createLaunch({ uses })
      const { origin } = await listening(await start(launch, { TEST_STORE: join(root, 'pair.db') }))
      const link = launch.link(origin)
      const statuses: number[] = []
      // Ten of one address that are neither right yet nor wrong are the most that are judged at once.
      for (let wave = 0; wave < 5; wave++)
        statuses.push(...(await Promise.all(Array.from({ length: 8 }, () => redeem(link)))))
      expect(new Set([...statuses, 401, 429])).toEqual(new Set([200, 401, 429]))
      expect(statuses.filter((status) => status === 200)).toHaveLength(uses)
    },
  )

  test('CODE-09 lets all in until the time that it named', async () => {
    const launch = createLaunch({ uses: 'unlimited', expiresInMs: 30_000 })
    const before = Date.now()
    const { origin, code } = await listening(await start(launch))
    expect(code?.uses).toBeNull()
    expect(code?.expiresAt).toBeGreaterThan(before)
    expect(code?.expiresAt).toBeLessThanOrEqual(before + 31_000)
    const statuses = await Promise.all(
      Array.from({ length: 40 }, () => redeem(launch.link(origin))),
    )
    expect(new Set(statuses)).toEqual(new Set([200]))
  })

  test('CODE-09 hands the same code to a child that it starts again, and has one use of it all the same', async () => {
    const launch = createLaunch()
    const store = { TEST_STORE: join(root, 'pair.db') }
    const first = await start(launch, store)
    const { code } = await listening(first)
    await end(first.child)
    const second = await start(launch, store)
    const again = await listening(second)
    expect(again.code).toEqual(code)
    expect(await redeem(launch.link(again.origin))).toBe(200)
    await end(second.child)
    const third = await listening(await start(launch, store))
    expect(third.code).toBeNull()
    expect(await redeem(launch.link(third.origin))).toBe(401)
  })

  test('CODE-09 has one use of it though two children run at once', async () => {
    const launch = createLaunch()
    const store = { TEST_STORE: join(root, 'pair.db') }
    const both = await Promise.all([start(launch, store), start(launch, store)])
    const told = await Promise.all(both.map(listening))
    const statuses = await Promise.all(
      Array.from({ length: 40 }, (_, at) => redeem(launch.link(told[at % 2]!.origin))),
    )
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  })
})

test('CODE-09 the descriptor is closed once it is read', async () => {
  const launch = createLaunch()
  const started = launchServer(launch.envOf(3))
  const pipe = started.child.stdio[3] as Duplex
  // its own end stays open: the child does not wait for more than a line
  pipe.write('{"seed":"')
  pipe.write(`${seedOf(launch)}","expiresAt":"${new Date(Date.now() + 60_000).toISOString()}"}\n`)
  await once(pipe.resume(), 'close')
  expect((await listening(started)).code).not.toBeNull()
  expect(started.child.exitCode).toBeNull()
})

test('CODE-09 a server that nobody launched starts as ever', async () => {
  expect(await listening(launchServer({}))).toMatchObject({ code: null, left: [] })
})

describe('CODE-09 a launch', () => {
  test('CODE-09 is another one each time, of 256 bits', () => {
    const seeds = Array.from({ length: 100 }, () => seedOf(createLaunch()))
    expect(new Set(seeds).size).toBe(100)
    for (const seed of seeds) expect(Buffer.from(seed, 'base64url')).toHaveLength(32)
  })

  test('CODE-09 leads to where the server is reached, with its sub-path', () => {
    const { link } = createLaunch()
    expect(link('https://home.example/app/')).toMatch(/^https:\/\/home\.example\/app\/pair#code=/)
    for (const wrong of ['', 'home', 'file:///pair', 'http://x/?a', 'http://x/#a'])
      expect(() => link(wrong)).toThrow(TypeError)
  })

  test.each([
    { uses: 0 },
    { uses: 1_001 },
    { uses: 1.5 },
    { expiresInMs: 29_999 },
    { expiresInMs: 2_592_000_001 },
  ])('CODE-09 is not made of %j', (options) => {
    expect(() => createLaunch(options)).toThrow(TypeError)
  })

  test('CODE-09 is handed to pipes alone, and a child that is gone is no error', async () => {
    const launch = createLaunch()
    for (const fd of [0, 2, 2.5, -1]) expect(() => launch.envOf(fd)).toThrow(TypeError)
    for (const pipe of [null, undefined, 3]) await expect(launch.hand(pipe)).rejects.toThrow('pipe')
    const child = spawn(process.execPath, ['-e', '0'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    })
    await once(child, 'exit')
    await launch.hand(child.stdio[3])
    const through = new PassThrough()
    await launch.hand(through)
    expect(JSON.parse(String(through.read()))).toMatchObject({ seed: seedOf(launch), uses: 1 })
  })

  test('CODE-09 has a page for a browser that a command opens, for its owner alone', async () => {
    const launch = createLaunch()
    const page = await launch.toPage('http://127.0.0.1:3000/</script>')
    expect(statSync(page.path).mode & 0o777).toBe(0o600)
    const html = readFileSync(page.path, 'utf8')
    const [, text = ''] = /location\.replace\((.*)\)<\/script>/.exec(html) ?? []
    expect(JSON.parse(text)).toBe(launch.link('http://127.0.0.1:3000/</script>'))
    expect(html.match(/<\/script>/g)).toHaveLength(1)
    await page.remove()
    expect(existsSync(dirname(page.path))).toBe(false)
  })
})
