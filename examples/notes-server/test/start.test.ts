import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '../src/listen.ts'
import { loadPages } from '../src/pages.ts'
import { openSecrets } from '../src/secrets.ts'
import { readSettings } from '../src/settings.ts'

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'notes-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

test('PORT, HOST, STORE and DATA are honoured, and a wrong one is named with the mend', () => {
  const home = '/home/app'
  const usual = {
    port: 3000,
    host: '127.0.0.1',
    store: 'sqlite',
    data: '/home/app/.data',
    admission: 'code',
  }
  expect(readSettings({}, home)).toEqual(usual)
  expect(readSettings({ PORT: '', HOST: '', STORE: '', DATA: '' }, home)).toEqual(usual)
  const given = { PORT: '8080', HOST: '0.0.0.0', STORE: 'memory', DATA: '/var/notes' }
  expect(readSettings(given, home)).toEqual({
    ...usual,
    port: 8080,
    host: '0.0.0.0',
    store: 'memory',
    data: '/var/notes',
  })
  for (const PORT of ['-1', '65536', 'http', '3e3', '1.5'])
    expect(() => readSettings({ PORT }, home)).toThrow(/PORT.*PORT=3001/)
  expect(() => readSettings({ HOST: 'a b' }, home)).toThrow(/HOST/)
  expect(() => readSettings({ STORE: 'redis' }, home)).toThrow(/"redis".*STORE=memory/)
})

test('ADMISSION and RECOVER_ADMISSION are one of the four modes, and PENDING_SECONDS is a number', () => {
  for (const mode of ['closed', 'code', 'approval', 'code+approval'])
    expect(readSettings({ ADMISSION: mode, RECOVER_ADMISSION: mode }, '/')).toMatchObject({
      admission: mode,
      recover: mode,
    })
  expect(readSettings({ ADMISSION: '', RECOVER_ADMISSION: '' }, '/').recover).toBeUndefined()
  for (const word of ['open', 'Code', 'approval ', 'constructor'])
    for (const name of ['ADMISSION', 'RECOVER_ADMISSION'])
      expect(() => readSettings({ [name]: word }, '/')).toThrow(
        `${name} is "${word}", and there are four: closed, code, approval, code+approval`,
      )
  expect(readSettings({ PENDING_SECONDS: '90' }, '/').pendingMs).toBe(90_000)
  for (const PENDING_SECONDS of ['0', '-1', '1.5', 'soon'])
    expect(() => readSettings({ PENDING_SECONDS }, '/')).toThrow(/PENDING_SECONDS=600/)
})

test('a secret that is given is the master secret and no other, and a short one is named without being told', async () => {
  const given = 'a secret of these tests, 32 bytes or more'
  expect(readSettings({ PAIR_SECRET: given }, '/').secret).toBe(given)
  expect(() => readSettings({ PAIR_SECRET: 'too-short' }, '/')).toThrow(
    /^(?!.*too-short).*32 bytes/,
  )
  const secrets = openSecrets(await temporary(), given)
  expect(new TextDecoder().decode(await secrets.getOrCreate('master'))).toBe(given)
  const owner = await secrets.getOrCreate('owner')
  expect(owner).toHaveLength(32)
  expect(await secrets.getOrCreate('owner')).toEqual(owner)
  expect(await secrets.isSpent('owner')).toBe(false)
  expect(await secrets.markSpent('owner')).toBe(true)
  expect(await secrets.isSpent('owner')).toBe(true)
})

test('DATA is read from the folder in which the person was', () => {
  expect(readSettings({ DATA: 'kept', INIT_CWD: '/srv' }, '/home/app').data).toBe('/srv/kept')
  expect(readSettings({ DATA: 'kept' }, '/home/app').data).toBe(join(process.cwd(), 'kept'))
})

test('a taken port is told in one line with the mend', async () => {
  const first = createServer()
  const port = await listen(first, 0, '127.0.0.1')
  onTestFinished(() => void first.close())
  expect((first.address() as AddressInfo).port).toBe(port)
  await expect(listen(createServer(), port, '127.0.0.1')).rejects.toThrow(
    `Port ${port} is taken. Try another: PORT=${port + 1}`,
  )
})

test('pages are answered by their paths, with headers that forbid all they do not need', async () => {
  const folder = await temporary()
  await writeFile(join(folder, 'index.html'), '<p>home</p>')
  await writeFile(join(folder, 'pair.html'), '<p>pair</p>')
  await writeFile(join(folder, 'notes.txt'), 'no page')
  const pages = await loadPages(folder)
  expect(await pages('/')?.text()).toBe('<p>home</p>')
  const page = pages('/pair')
  expect(await page?.text()).toBe('<p>pair</p>')
  expect(Object.fromEntries(page?.headers ?? [])).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': expect.stringMatching(
      /^default-src 'none'; .*frame-ancestors 'none'/,
    ),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })
  expect(page?.headers.get('content-security-policy')).not.toContain('unsafe')
  for (const path of ['/notes.txt', '/../package.json', '/%2e%2e/package.json', '/constructor', ''])
    expect(pages(path)).toBeNull()
})
