import { memoryStore, type Entry, type Store } from '@pair/core'
import { faultyStore, type StoreCall } from '@pair/testkit/store'
import { describe, expect, it } from 'vitest'

const KEY = ['a']
const put = (value: string) => ({ key: KEY, value, purgeAt: null })
const valueOf = async (store: Store): Promise<string | undefined> => (await store.read(KEY))?.value
const broken = { message: 'connection reset' }

/** One call of each method. */
const CALLS: Record<StoreCall, (store: Store) => Promise<unknown>> = {
  read: (store) => store.read(KEY),
  list: (store) => store.list([], { limit: 1 }),
  commit: (store) => store.commit([], [put('x')]),
  increment: (store) => store.increment(['c'], 1, 0),
  tail: (store) => store.tail(['s'], null, 1),
  purge: (store) => store.purge(0, 1),
  time: (store) => store.time!(),
}
const each = Object.entries(CALLS) as [StoreCall, (typeof CALLS)[StoreCall]][]

describe('a faulty store', () => {
  it.each(each)('meets the plan for %s, one fault a call, and counts', async (name, call) => {
    const line = faultyStore(memoryStore())
    line.plan(name, [null, 'error-before', 'error-after'])
    await call(line.store)
    await expect(call(line.store)).rejects.toMatchObject(broken)
    await expect(call(line.store)).rejects.toMatchObject(broken)
    await call(line.store)
    expect(line.calls(name)).toBe(4)
    for (const [other] of each) if (other !== name) expect(line.calls(other)).toBe(0)
  })

  it('does nothing of a call that fails before, and all of one that fails after', async () => {
    const line = faultyStore(memoryStore())
    line.plan('commit', ['error-before', 'error-after'])
    await expect(line.store.commit([], [put('before')])).rejects.toMatchObject(broken)
    expect(await line.store.read(KEY)).toBeNull()
    await expect(line.store.commit([], [put('after')])).rejects.toMatchObject(broken)
    expect(await valueOf(line.store)).toBe('after')
    line.plan('increment', 'error-after')
    await expect(line.store.increment(['c'], 1, 0)).rejects.toMatchObject(broken)
    expect(await line.store.increment(['c'], 0, 0)).toBe(1)
  })

  it('a hanging commit lands on release only if its checks still hold', async () => {
    const line = faultyStore(memoryStore())
    const absent = { key: KEY, version: null }
    line.plan('commit', ['hang-before', 'hang-before'])
    const first = line.store.commit([absent], [put('first')])
    const second = line.store.commit([absent], [put('second')])
    expect(await line.store.read(KEY)).toBeNull()
    expect(await line.release()).toEqual([true, false])
    expect([await first, await second, await valueOf(line.store)]).toEqual([true, false, 'first'])
    expect(await line.release()).toEqual([])
  })

  it('a call that hangs after is done, and answers on release what it found then', async () => {
    const line = faultyStore(memoryStore())
    await line.store.commit([], [put('old')])
    line.plan('read', 'hang-after')
    let answered = false
    const read = line.store.read(KEY).finally(() => (answered = true))
    await line.store.commit([], [put('new')])
    expect(answered).toBe(false)
    await line.release()
    expect((await read)?.value).toBe('old')
  })

  it('a call that hangs and fails in the end fails for who waits and for who releases', async () => {
    const line = faultyStore(memoryStore())
    line.plan('read', 'hang-before')
    const ends = await Promise.allSettled([line.store.read(['']), line.release()])
    for (const end of ends)
      expect(end).toMatchObject({ status: 'rejected', reason: expect.any(TypeError) as TypeError })
  })

  it('a late call is overtaken', async () => {
    const line = faultyStore(memoryStore())
    await line.store.commit([], [put('old')])
    line.plan('read', { delayMs: 20 })
    const late = line.store.read(KEY)
    await line.store.commit([], [put('new')])
    expect((await late)?.value).toBe('new')
  })

  it('of two late calls the later one answers last', async () => {
    const line = faultyStore(memoryStore())
    line.plan('read', [{ delayMs: 100 }, { delayMs: 5 }])
    const order: string[] = []
    await Promise.all([
      line.store.read(KEY).then(() => order.push('100 ms')),
      line.store.read(KEY).then(() => order.push('5 ms')),
    ])
    expect(order).toEqual(['5 ms', '100 ms'])
  })

  it('that is down fails every call until it is up, and lets what hung land', async () => {
    const line = faultyStore(memoryStore())
    line.plan('commit', 'hang-before')
    const hanging = line.store.commit([], [put('x')])
    line.down()
    for (const [, call] of each) await expect(call(line.store)).rejects.toMatchObject(broken)
    expect(await line.release()).toEqual([true])
    expect(await hanging).toBe(true)
    line.up()
    expect(await valueOf(line.store)).toBe('x')
  })

  it('goes down with the first planned fault and not before, and up for good', async () => {
    const line = faultyStore(memoryStore())
    line.plan('commit', [null, 'error-after', 'error-before'], { thenDown: true })
    await line.store.commit([], [put('1')])
    expect(await valueOf(line.store)).toBe('1')
    await expect(line.store.commit([], [put('2')])).rejects.toMatchObject(broken)
    for (const [, call] of each) await expect(call(line.store)).rejects.toMatchObject(broken)
    line.up()
    expect(await valueOf(line.store)).toBe('2')
    await expect(line.store.commit([], [put('3')])).rejects.toMatchObject(broken)
    expect(await valueOf(line.store)).toBe('2')
  })

  it('a new plan takes the place of the old one', async () => {
    const line = faultyStore(memoryStore())
    line.plan('read', ['error-before', 'error-before'])
    line.plan('read', [])
    expect(await line.store.read(KEY)).toBeNull()
  })

  it('has no watch and no time where the real store has none', () => {
    const { watch: _, time: __, ...bare } = memoryStore()
    expect(Object.keys(faultyStore(bare).store)).toEqual([
      'read',
      'list',
      'commit',
      'increment',
      'tail',
      'purge',
    ])
  })

  it('wraps a store that is a class instance', async () => {
    class Classy {
      entry: Entry = { key: KEY, value: 'mine', version: '1' }
      async read(): Promise<Entry> {
        return this.entry
      }
    }
    const line = faultyStore(new Classy() as unknown as Store)
    expect(await valueOf(line.store)).toBe('mine')
  })
})

describe('a watch on a faulty store', () => {
  function listen() {
    const line = faultyStore(memoryStore())
    const told: string[] = []
    const stop = line.store.watch!([], {
      live: (isLive) => told.push(`live ${isLive}`),
      changed: (keys) => told.push(`changed ${String(keys)}`),
    })
    return { line, told, stop }
  }

  it('whose line is cut says so, hears nothing, and hears afterwards that anything may have changed', async () => {
    const { line, told, stop } = listen()
    line.dropWatch()
    await line.store.commit([], [put('x')])
    line.restoreWatch()
    await line.store.commit([], [put('x')])
    expect(told).toEqual(['live true', 'live false', 'changed null', 'live true', 'changed a'])
    stop()
    line.dropWatch()
    expect(told).toHaveLength(5)
  })

  it('that is cut in silence claims to be live and never hears what it missed', async () => {
    const { line, told } = listen()
    line.dropWatch('silent')
    await line.store.commit([], [put('x')])
    line.restoreWatch()
    await line.store.commit([], [put('x')])
    expect(told).toEqual(['live true', 'changed a'])
  })

  it('that begins while the line is cut is told so, and live once it is mended', () => {
    const line = faultyStore(memoryStore())
    line.dropWatch()
    const told: string[] = []
    line.store.watch!([], {
      live: (isLive) => told.push(`live ${isLive}`),
      changed: (keys) => told.push(`changed ${String(keys)}`),
    })
    expect(told).toEqual(['live false'])
    line.restoreWatch()
    expect(told).toEqual(['live false', 'changed null', 'live true'])
  })
})
