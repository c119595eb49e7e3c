// `npm run demo` as a person meets it: it answers, Ctrl-C ends it cleanly, a taken port is a clear error, and who was
// paired stays so when it is started again.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const data = mkdtempSync(join(tmpdir(), 'pair-demo-'))
process.on('exit', () => rmSync(data, { recursive: true, force: true }))

/** Starts the demo in a process group of its own, as a terminal does. */
function demo(port, example = '') {
  const child = spawn('npm', ['run', 'demo'], {
    detached: true,
    env: {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATA: data,
      EXAMPLE: example,
      STORE: '',
      PAIR_SECRET: '',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  const group = -Number(child.pid)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text))
  process.on('exit', () => {
    try {
      process.kill(group, 'SIGKILL')
    } catch {
      // gone already
    }
  })
  return { child, ended, group, output: () => output }
}

function fail(message, output) {
  console.error(`${message}\n--- output of npm run demo\n${output}`)
  process.exit(1)
}

/** Until it answers and its code is on the terminal. */
async function waitUntilOpen(port, run) {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (run.child.exitCode !== null) fail('the demo ended before it answered', run.output())
    const answer = await fetch(`http://127.0.0.1:${port}/auth/health`).catch(() => null)
    if (answer?.ok && run.output().includes('Press Ctrl-C'))
      return console.log(`the demo answers: ${await answer.text()}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  fail('the demo does not answer', run.output())
}

/** Pairs with the code that the demo printed; answers the bearer. */
async function pair(port, run) {
  const [code] = /\b[2-9A-Z]{3}-[2-9A-Z]{3}-[2-9A-Z]{3}\b/.exec(run.output()) ?? []
  const answer = await fetch(`http://127.0.0.1:${port}/auth/redeem`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, transport: 'bearer' }),
  })
  if (!answer.ok) fail(`the printed code is answered ${answer.status}`, run.output())
  return (await answer.json()).accessToken
}

async function mustBePaired(port, token, run) {
  const headers = { authorization: `Bearer ${token}` }
  const { status } = await fetch(`http://127.0.0.1:${port}/api/notes`, { headers })
  if (status !== 200) fail(`a paired device is answered ${status}`, run.output())
}

async function within(ms, promise, what, run) {
  const late = new Promise((resolve) => setTimeout(resolve, ms, 'late').unref())
  const result = await Promise.race([promise, late])
  if (result === 'late') fail(`${what}: still there after ${ms} ms`, run.output())
  return result
}

const blocker = createServer().listen(0, '127.0.0.1')
await once(blocker, 'listening')
const { port } = blocker.address()

const refused = demo(port)
const [refusedCode] = await within(120_000, refused.ended, 'a taken port', refused)
const said = refused.output()
if (refusedCode === 0) fail('a taken port: the demo ended with exit code 0', said)
if (!said.includes(String(port))) fail('a taken port: the error does not name it', said)
if (/^\s+at /m.test(said)) fail('a taken port: the error is a stack trace', said)
console.log('a taken port is a clear error')
await new Promise((resolve) => blocker.close(resolve))

let token
// the Express app, too, on the same folder
for (const [signal, example] of [
  ['SIGINT', 'notes-server'],
  ['SIGTERM', 'notes-server'],
  ['SIGTERM', 'notes-express'],
]) {
  const run = demo(port, example)
  await waitUntilOpen(port, run)
  const isFirst = token === undefined
  token ??= await pair(port, run)
  await mustBePaired(port, token, run)
  if (!isFirst) console.log(`${example} knows the device that was paired before its start`)
  // Ctrl-C reaches the whole group; a service manager's SIGTERM only the first process.
  process.kill(signal === 'SIGINT' ? run.group : -run.group, signal)
  const [code, by] = await within(10_000, run.ended, signal, run)
  if (code !== 0) fail(`${signal}: exit code ${code ?? by}`, run.output())
  if (/npm (error|ERR!)/.test(run.output())) fail(`${signal}: npm reports an error`, run.output())
  const still = await fetch(`http://127.0.0.1:${port}/auth/health`).catch(() => null)
  if (still) fail(`${signal}: something still answers`, run.output())
  console.log(`${signal} ends it with exit code 0`)
}
