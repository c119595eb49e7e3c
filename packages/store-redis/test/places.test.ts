import { expect, it } from 'vitest'
import { becomes, listen } from './kit/ears.ts'
import { openStore } from './kit/open.ts'
import { openReplicated } from './kit/replicated.ts'
import { append, put } from './kit/writes.ts'

it('SEC-18 places that a replica lacked when it was promoted do not come back: whoever passed them sees that it missed something', async () => {
  const { primary, replica, relay, failOver } = await openReplicated()
  const store = await openStore(primary.url, { listen: false })
  await store.commit([], [append(['s'], 'kept'), put(['a'])])
  await expect.poll(() => replica.ask('XLEN', '{pair}:stream:s')).toBe(':1\r\n')
  relay.swallow()
  await store.commit([], [append(['s'], 'lost')])
  const before = await store.tail(['s'], null, 9)
  expect(before.items.map(({ value }) => value)).toEqual(['kept', 'lost'])
  const cursor = before.latest!
  const [, ms, number] = /-0*(\d+)-0*(\d+)$/.exec(cursor)!
  await failOver()
  // its clock is behind: the same place is given again
  await replica.ask('XADD', '{pair}:stream:s', `${ms}-${number}`, 'v', 'new', 'k', '[]')
  const promoted = await openStore(replica.url, { listen: false })
  const after = await promoted.tail(['s'], cursor, 9)
  expect(after.items.map(({ value }) => value)).toEqual(['kept', 'new'])
  const places = [...before.items, ...after.items].map(({ position }) => position)
  expect(new Set(places).size).toBe(4)
  expect(after.oldest! > cursor).toBe(true)
  // the server stays the same now, and so do its places
  const { latest } = await promoted.tail(['s'], null, 9)
  await promoted.commit([], [append(['s'], 'next')])
  const next = await promoted.tail(['s'], latest, 9)
  expect(next.items.map(({ value }) => value)).toEqual(['next'])
}, 40_000)

it('SEC-18 the birth of the data comes after the one before, whatever the clock says', async () => {
  const { primary } = await openReplicated()
  const store = await openStore(primary.url)
  await store.commit([], [append(['s'])])
  const { latest } = await store.tail(['s'], null, 9)
  const late = `${latest!.slice(0, 1)}99999999999999.00000000`
  await primary.ask('HSET', '{pair}:meta', 'birth', late, 'server', 'other')
  const { oldest } = await store.tail(['s'], null, 9)
  expect(oldest! > late).toBe(true)
  // who listens is told that it may have missed something
  const ear = listen(store)
  await becomes(ear, true)
  ear.heard.length = 0
  await primary.ask('HSET', '{pair}:meta', 'server', 'another')
  await expect.poll(() => ear.heard).toContain('*')
  await store.commit([], [put(['own'])])
  await (await openStore(primary.url)).commit([], [put(['b'])])
  await expect.poll(() => ear.heard.at(-1)).toMatch(/^(b|\*)$/)
}, 40_000)
