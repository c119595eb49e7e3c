import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '../src/listen.ts'
import { loadPages } from '../src/pages.ts'
import { readSecret } from '../src/secret.ts'
import { readSettings } from '../src/settings.ts'

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'notes-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

test('PORT and HOST are honoured, and a wrong one is named with the mend', () => {
  expect(readSettings({})).toEqual({ port: 3000, host: '127.0.0.1' })
  expect(readSettings({ PORT: '8080', HOST: '0.0.0.0' })).toEqual({ port: 8080, host: '0.0.0.0' })
  for (const PORT of ['-1', '65536', 'http', '3e3', '1.5'])
    expect(() => readSettings({ PORT })).toThrow(/PORT.*PORT=3001/)
  expect(() => readSettings({ HOST: 'a b' })).toThrow(/HOST/)
})

test('a taken port is told in one line with the mend', async () => {
  const first = createServer()
  const port = await listen(first, 0, '127.0.0.1')
  onTestFinished(() => void first.close())
  expect((first.address() as AddressInfo).port).toBe(port)
  await expect(listen(createServer(), port, '127.0.0.1')).rejects.toThrow(
    `Port ${port} is taken. Try another: PORT=${port + 1} npm run demo`,
  )
})

test('the secret is made once, for its owner alone, and the same ever after', async () => {
  const folder = join(await temporary(), '.data')
  const made = await Promise.all(Array.from({ length: 8 }, () => readSecret(folder, {})))
  expect(new Set(made).size).toBe(1)
  expect(await readSecret(folder, {})).toBe(made[0])
  expect(Buffer.from(made[0]!, 'base64url')).toHaveLength(32)
  expect((await stat(join(folder, 'secret'))).mode & 0o777).toBe(0o600)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
})

test('PAIR_SECRET wins, and a cut secret is refused without being shown', async () => {
  const folder = await temporary()
  expect(await readSecret(folder, { PAIR_SECRET: 'given' })).toBe('given')
  await writeFile(join(folder, 'secret'), 'cut-short')
  const refused = readSecret(folder, {})
  await expect(refused).rejects.toThrow(/does not hold a whole secret\. Delete it/)
  await expect(refused).rejects.not.toThrow(/cut-short/)
  expect(await readFile(join(folder, 'secret'), 'utf8')).toBe('cut-short')
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
