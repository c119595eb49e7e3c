import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adapterOf, guardedPath, quickStarts } from '../scripts/quick-start.ts'

const temp = mkdtempSync(join(tmpdir(), 'pair-readme-'))
afterAll(() => rmSync(temp, { recursive: true, force: true }))

describe.each(quickStarts().map((source) => [adapterOf(source), source] as const))(
  'the quick start with %s',
  (name, source) => {
    // below the root, so that its imports resolve as a user's do
    const file = join(process.cwd(), 'tests', `quick-start-${name}-${process.pid}.tmp.ts`)
    beforeAll(() => writeFileSync(file, source))
    afterAll(() => rmSync(file, { force: true }))

    test('has at most twelve lines', () => {
      expect(source.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(12)
    })

    test('compiles', { timeout: 60_000 }, () => {
      const { config } = ts.readConfigFile('tsconfig.test.json', (path) => ts.sys.readFile(path))
      const bare = { ...config, include: [], files: [file] }
      const base = ts.parseJsonConfigFileContent(bare, ts.sys, '.')
      const program = ts.createProgram([file], base.options)
      const messages = ts
        .getPreEmitDiagnostics(program, program.getSourceFile(file))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
      expect(messages).toEqual([])
    })

    test('runs, and its route refuses who is not paired', { timeout: 60_000 }, async () => {
      const port = await freePort()
      const server = spawn(process.execPath, ['--conditions=@pair/source', file], {
        cwd: temp,
        env: {
          ...process.env,
          PORT: String(port),
          PAIR_SECRET: randomBytes(32).toString('base64url'),
        },
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      try {
        const response = await firstAnswer(`http://127.0.0.1:${port}${guardedPath(source)}`, server)
        expect(response.status).toBe(401)
      } finally {
        if (server.exitCode === null) {
          const gone = once(server, 'exit')
          server.kill('SIGKILL')
          await gone
        }
      }
    })
  },
)

test('there is a quick start for each adapter', () => {
  expect(quickStarts().map(adapterOf)).toEqual(['hono', 'express'])
})

async function firstAnswer(url: string, server: ChildProcess): Promise<Response> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (server.exitCode !== null) throw new Error(`it ended with exit code ${server.exitCode}`)
    try {
      return await fetch(url)
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  throw new Error(`nothing answers at ${url}`)
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
