import { readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, it } from 'vitest'
import { freshFile } from './files.ts'
import { openRemote, openStore } from './open.ts'
import { absent, append, put, T0, valueOf } from './writes.ts'

const left = (file: string): string[] =>
  readdirSync(dirname(file)).filter((name) => name.endsWith('.tmp'))

it('CODE-06 of a process that is killed while it commits, all that it acknowledged is there, and nothing by half', async () => {
  const file = freshFile()
  let leftovers = 0
  for (let round = 0; round < 8; round++) {
    const victim = openRemote(file)
    await victim.read(['ready'])
    const acknowledged: string[] = []
    let counted = 0
    const writers = Array.from({ length: 10 }, async (_, writer) => {
      for (let n = 0; ; n++) {
        const name = `${writer}.${n}`
        const done = await victim.commit(
          [absent([`r${round}`, 'a', name])],
          [
            put([`r${round}`, 'a', name], 'x'.repeat(2000)),
            put([`r${round}`, 'b', name], 'x'.repeat(2000)),
            append([`s${round}`], name),
          ],
        )
        if (done) acknowledged.push(name)
        counted = Math.max(counted, await victim.increment([`c${round}`], 1, T0))
      }
    })
    const killed = (async () => {
      while (acknowledged.length <= 20) await new Promise((resolve) => setTimeout(resolve, 1))
      // at any moment of the next commits
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 12))
      victim.process.kill('SIGKILL')
    })()
    await Promise.allSettled([...writers, killed])
    await victim.close()
    // whole at any moment, before anybody mends anything
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ format: 'pair file store' })
    leftovers += left(file).length
    const store = openStore(file)
    const names = async (part: string): Promise<string[]> =>
      (await store.list([`r${round}`, part], { limit: 9999 })).map(({ key }) => key[2]!)
    const [as, bs] = [await names('a'), await names('b')]
    expect(bs).toEqual(as)
    expect(as).toEqual(expect.arrayContaining(acknowledged))
    const { items } = await store.tail([`s${round}`], null, 9999)
    expect(items.map(({ value }) => value).toSorted()).toEqual(as.toSorted())
    expect(await store.increment([`c${round}`], 0, T0)).toBeGreaterThanOrEqual(counted)
    // the lock died with its holder
    expect(await store.commit([], [put(['next'])])).toBe(true)
    await store.increment(['next'], 1, T0)
    expect(left(file)).toEqual([])
    await store.commit(
      [],
      ['a', 'b'].flatMap((part) =>
        as.map((name) => ({ key: [`r${round}`, part, name], value: null })),
      ),
    )
    await store.close()
  }
  // some were killed between making their file and putting it in place
  expect(leftovers).toBeGreaterThan(0)
}, 120_000)

it('SEC-13 what a process acknowledged before SIGTERM is there, and what was cut off was done whole or not at all', async () => {
  const file = freshFile()
  const victim = openRemote(file)
  await victim.read(['ready'])
  const acknowledged: string[] = []
  const refused: string[] = []
  const writers = Array.from({ length: 40 }, async (_, n) => {
    for (let round = 0; round < 20; round++) {
      const name = `${n}.${round}`
      await victim.commit([], [put(['a', name]), put(['b', name])]).then(
        () => acknowledged.push(name),
        () => refused.push(name),
      )
      if (acknowledged.length > 60) victim.process.kill('SIGTERM')
    }
  })
  await Promise.all(writers)
  await victim.close()
  const store = openStore(file)
  const names = async (part: string): Promise<string[]> =>
    (await store.list([part], { limit: 9999 })).map(({ key }) => key[1]!)
  expect(await names('a')).toEqual(expect.arrayContaining(acknowledged))
  expect(await names('b')).toEqual(await names('a'))
  expect(refused.length).toBeGreaterThan(0)
}, 60_000)

it('a holder of the lock that is paused keeps it: others are refused, and hear at once when it is killed', async () => {
  const file = freshFile()
  const victim = openRemote(file)
  const store = openStore(file, { busyMs: 200 })
  await victim.commit([], [put(['v', '0'])])
  // stopped again and again until it is caught with the lock held
  let caught = false
  for (let round = 1; !caught; round++) {
    const working = Promise.allSettled(
      Array.from({ length: 5 }, (_, n) => victim.commit([], [put(['v', `${round}.${n}`])])),
    )
    await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 8))
    victim.process.kill('SIGSTOP')
    const answer = await store.commit([], [put(['here', String(round)])]).catch((error) => error)
    caught = answer !== true
    if (caught) {
      expect(answer).toMatchObject({ code: 'store_busy' })
      // what is there is read all the same
      expect(await valueOf(store, ['v', '0'])).toBe('x')
      expect(await valueOf(store, ['here', String(round)])).toBe(null)
      victim.process.kill('SIGKILL')
    } else victim.process.kill('SIGCONT')
    await working
  }
  expect(await store.commit([], [put(['after'])])).toBe(true)
}, 120_000)
