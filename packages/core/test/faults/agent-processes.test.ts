import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { freshFile } from '../../../store-sqlite/test/kit/files.ts'
import type { Order, Told, Verb } from './agent-process.ts'

const SECRET = 'a secret of these tests, 32 bytes or more'

interface Issued {
  key: string
  agentKey: Listed
  sessionId: string
}

interface Listed {
  id: string
  agent: string
  predecessor: string | null
  successor: string | null
}

/** A server of its own on that file. What it was asked and did not answer before its end is rejected. */
interface Server {
  ask<T = unknown>(verb: Verb, ...args: string[]): Promise<T>
  kill(): Promise<void>
}

async function startServer(file: string): Promise<Server> {
  const child = fork(fileURLToPath(new URL('agent-process.ts', import.meta.url)), [file, SECRET], {
    execArgv: ['--conditions=@pair/source', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const open = new Map<number, { done(gave: unknown): void; fail(error: Error): void }>()
  let nth = 0
  const over = once(child, 'exit').then(() => {
    for (const { fail } of open.values()) fail(new Error('its process ended'))
  })
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('it ended before it was ready')))
    child.on('message', (told: Told) => {
      if ('ready' in told) return resolve()
      const asked = open.get(told.nth)
      open.delete(told.nth)
      if ('code' in told) asked?.fail(new Error(told.code))
      else asked?.done(told.gave)
    })
  })
  return {
    ask<T>(verb: Verb, ...args: string[]) {
      const order: Order = { nth: ++nth, verb, args }
      return new Promise<T>((done, fail) => {
        open.set(order.nth, { done: done as (gave: unknown) => void, fail })
        // who is not there any more hears nothing
        child.send(order, (error) => error && fail(error))
      })
    },
    async kill() {
      child.kill('SIGKILL')
      await over
    },
  }
}

test(
  'AGT-04 SES-05 a key that ended in one process is out in another within a second: revoked, or with who issued it',
  { timeout: 60_000 },
  async () => {
    const file = freshFile()
    const [here, there] = [await startServer(file), await startServer(file)]
    for (let round = 0; round < 8; round++) {
      const own = await here.ask<Issued>('issue', `own-${round}`)
      const given = await here.ask<Issued>('issueAsOwner', `given-${round}`)
      // known there, so that nothing has to be looked up
      for (let count = 0; count < 3; count++)
        for (const { key } of [own, given]) expect(await there.ask('getsIn', key)).toBe(true)
      await here.ask('revoke', own.agentKey.id)
      await here.ask('endSession', given.sessionId)
      for (const { key } of [own, given])
        await expect
          .poll(() => there.ask('getsIn', key), { timeout: 1_000, interval: 10 })
          .toBe(false)
      expect(await here.ask('getsIn', own.key)).toBe(false)
    }
  },
)

test(
  'AGT-04 SEC-04 a process that is killed while it gives, rotates and takes keys leaves none half done',
  { timeout: 120_000 },
  async () => {
    const file = freshFile()
    const here = await startServer(file)
    let unanswered = 0
    for (let round = 0; round < 4; round++) {
      const dying = await startServer(file)
      const names = Array.from({ length: 6 }, (_, at) => `${round}-${at}`)
      const old = await Promise.all(names.map((name) => here.ask<Issued>('issue', `old-${name}`)))
      const out = await Promise.all(names.map((name) => here.ask<Issued>('issue', `out-${name}`)))
      const codes = await Promise.all(names.map(() => here.ask<string>('supportCode')))
      let answers = 0
      const watch = async <T>(asked: Promise<T>): Promise<T | null> => {
        const answer = await asked.catch(() => null)
        if (answer === null) unanswered++
        else if (++answers === 3 + round * 4) await dying.kill()
        return answer
      }
      const asked = await Promise.all(
        names.flatMap((name, at) => [
          watch(dying.ask<Issued>('bind', codes[at]!, `new-${name}`)),
          watch(dying.ask<Issued>('rotate', old[at]!.agentKey.id)),
          watch(dying.ask('revoke', out[at]!.agentKey.id).then(() => ({ out: out[at]! }))),
        ]),
      )
      await dying.kill()

      const told = asked.filter((each) => each !== null)
      for (const each of told) {
        const isIn = 'out' in each ? false : true
        const { key } = 'out' in each ? each.out : each
        expect(await here.ask('getsIn', key)).toBe(isIn)
      }
      const items = await here.ask<Listed[]>('list')
      for (const { key, agentKey } of old) {
        // Its agent is never without a key: the old one counts beside its heir, of which there is one or none.
        expect(await here.ask('getsIn', key)).toBe(true)
        const heirs = items.filter(({ predecessor }) => predecessor === agentKey.id)
        const { successor } = items.find(({ id }) => id === agentKey.id)!
        expect(heirs.map(({ id }) => id)).toEqual(successor === null ? [] : [successor])
      }
      for (const [at, code] of codes.entries()) {
        const bound = items.filter(({ agent }) => agent === `new-${names[at]}`)
        const again = await here.ask('bind', code, `late-${names[at]}`).catch(() => null)
        // Used by the one key that there is, or by nobody yet.
        expect([bound.length, again === null]).toEqual(bound.length === 0 ? [0, false] : [1, true])
      }
      for (const { id } of await here.ask<Listed[]>('list')) await here.ask('revoke', id)
      expect(await here.ask('list')).toEqual([])
    }
    expect(unanswered).toBeGreaterThan(0)
  },
)
