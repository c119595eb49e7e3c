import { expect, test } from 'vitest'
import { faultyStore } from '@pair/testkit/store'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { askToken, enter, pairWith, startScreens, tokenOf, upgrade, WALL } from '../kit/screens.ts'

test('RES-01 where the store can not be asked nothing is made and nobody gets in', async () => {
  const line = faultyStore(memoryStore())
  const server = startScreens({ store: line.store })
  const visitor = await pairWith(server, ['screen:view'], { transport: 'bearer' })
  const token = await tokenOf(visitor, WALL, 'view')
  const headers = { authorization: `Bearer ${token}` }
  line.down()
  expect((await askToken(visitor, WALL, 'view')).status).toBe(503)
  expect([await enter(server, headers), await upgrade(server, headers)]).toEqual([
    'store_unavailable',
    'store_unavailable',
  ])
  line.up()
  expect(await enter(server, headers)).toBe('view')
})
