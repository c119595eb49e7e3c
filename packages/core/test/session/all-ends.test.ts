import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { ENDS, openWorld, setScene } from './hanging.ts'
import { KINDS } from './hanging-kinds.ts'

describe.each(KINDS)('SES-05 $name', { timeout: 30_000 }, (kind) => {
  const ends = Object.entries(ENDS)

  test('SES-05 works while its session stands, whoever else ends', async () => {
    for (const [name, end] of ends.slice(0, 3)) {
      const server = openWorld(memoryStore())
      const { whose, another, mint } = await setScene(server, kind)
      const check = await mint()
      await end(server, another, whose)
      expect(await check?.(), name).toBe(true)
    }
  })

  test.each(ends)('SES-05 is worth nothing after %s, and is not made any more', async (_, end) => {
    const store = memoryStore()
    const [server, elsewhere] = [openWorld(store), openWorld(store)]
    const made = await setScene(server, kind)
    const check = await made.mint()
    expect(check).not.toBeNull()
    await end(elsewhere, made.whose, made.another)
    expect(await check!()).toBe(false)
    // What it needs was there before; what makes it comes after.
    const late = await setScene(server, kind)
    await end(elsewhere, late.whose, late.another)
    expect(await (await late.mint())?.()).not.toBe(true)
  })

  test.each(ends)(
    'SES-05 is worth nothing where %s overtakes any of its commits',
    async (_, end) => {
      let overtaken = 0
      for (let commits = 0; ; commits++) {
        const store = memoryStore()
        let left = Infinity
        let happen = async (): Promise<unknown> => undefined
        const late: Store = {
          ...store,
          async commit(checks, writes) {
            if (left-- === 0) await happen()
            return store.commit(checks, writes)
          },
        }
        const [server, elsewhere] = [openWorld(late), openWorld(store)]
        const { whose, another, mint } = await setScene(server, kind)
        let isOvertaken = false
        happen = async () => {
          isOvertaken = true
          await end(elsewhere, whose, another)
        }
        left = commits
        const check = await mint()
        left = Infinity
        if (!isOvertaken) break
        overtaken++
        expect(await check?.(), `commit ${commits}`).not.toBe(true)
      }
      expect(overtaken).toBeGreaterThan(0)
    },
  )
})
