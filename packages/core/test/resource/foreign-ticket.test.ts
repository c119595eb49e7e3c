import { expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { dumpStore } from '../kit/dump.ts'
import { pairWith, sealedTicket, startScreens, upgrade, viewOf, WALL } from '../kit/screens.ts'
import type { Server } from '../kit/server.ts'

const SEALED = { name: WALL, mode: 'view' }

/** What stands where the resource of a ticket is, and where such a ticket opens something. */
const table: [string, unknown, 'the resource' | 'nothing' | 'what needs no resource'][] = [
  ['as it was written', SEALED, 'the resource'],
  ['with a member of a newer version', { ...SEALED, extra: true }, 'the resource'],
  ['of another resource', { ...SEALED, name: 'screen:wall-2' }, 'nothing'],
  ['of a mode that nobody knows', { ...SEALED, mode: 'drive' }, 'nothing'],
  ['of a kind that nobody knows', { ...SEALED, name: 'desk:1' }, 'nothing'],
  ['of no name', { ...SEALED, name: '' }, 'nothing'],
  ['without its name', { mode: 'view' }, 'nothing'],
  ['without its mode', { name: WALL }, 'nothing'],
  ['with a mode that is none', { ...SEALED, mode: null }, 'nothing'],
  ['with a mode that is a list', { ...SEALED, mode: ['view'] }, 'nothing'],
  ['null', null, 'nothing'],
  ['a text', WALL, 'nothing'],
  ['a list', [WALL, 'view'], 'nothing'],
  // No version writes it and forgets it; it gives no more than its session has.
  ['forgotten', undefined, 'what needs no resource'],
]

test.each(table)(
  'SEC-16 a ticket whose resource is stored %s opens only what it may',
  async (_, to, opens) => {
    const server = startScreens()
    const visitor = await pairWith(server, ['screen:view'], { transport: 'bearer' })
    const ticket = await sealedTicket(visitor, WALL, 'view')
    /** The same server on a store where that stands. */
    const changed = async (): Promise<Server> => {
      const store = memoryStore({ clock: server.clock })
      const rows = await dumpStore(server.store)
      const writes = rows
        .filter(({ key }) => !key.includes('journal'))
        .map(({ key, value }) => {
          if (!key.includes('ticket')) return { key, value, purgeAt: null }
          const envelope = JSON.parse(value) as { record: object }
          const record = { ...envelope.record, resource: to }
          return { key, value: JSON.stringify({ ...envelope, record }), purgeAt: null }
        })
      await store.commit([], writes)
      return startScreens({ store, clock: server.clock })
    }
    const isIn = async (need: Parameters<typeof upgrade>[2]): Promise<boolean> =>
      typeof (await upgrade(await changed(), {}, need, `?ticket=${ticket}`)) !== 'string'
    expect([await isIn(viewOf(WALL)), await isIn({})]).toEqual([
      opens === 'the resource',
      opens === 'what needs no resource',
    ])
    for (const need of [viewOf('screen:wall-3'), viewOf('screen'), viewOf('desk:1')])
      expect(await isIn(need)).toBe(false)
  },
)
