import { expect, it } from 'vitest'
import { freshFile } from './kit/files.ts'
import { openRaw, openRemote, openStore } from './kit/open.ts'
import { absent, append, put, T0 } from './kit/writes.ts'

it('CODE-06 of a process that is killed while it commits, all that it acknowledged is there, and nothing by half', async () => {
  const file = freshFile()
  for (let round = 0; round < 8; round++) {
    const victim = openRemote(file)
    await victim.read(['ready'])
    const acknowledged: string[] = []
    let counted = 0
    const writers = Array.from({ length: 25 }, async (_, writer) => {
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
        // in the midst of the others' commits
        if (acknowledged.length > 40 + round * 10) victim.process.kill('SIGKILL')
      }
    })
    await Promise.allSettled(writers)
    const store = openStore(file)
    const names = async (part: string): Promise<string[]> =>
      (await store.list([`r${round}`, part], { limit: 9999 })).map(({ key }) => key[2]!)
    const [as, bs] = [await names('a'), await names('b')]
    expect(bs).toEqual(as)
    expect(as).toEqual(expect.arrayContaining(acknowledged))
    const { items } = await store.tail([`s${round}`], null, 9999)
    expect(items.map(({ value }) => value).toSorted()).toEqual(as.toSorted())
    expect(await store.increment([`c${round}`], 0, T0)).toBeGreaterThanOrEqual(counted)
    expect(acknowledged.length).toBeGreaterThan(40)
    store.close()
  }
  expect(openRaw(file).prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
}, 60_000)
