import { expect, test } from 'vitest'
import { requireSession, requireSocket } from '../src/index.ts'
import { startHome } from './kit/home.ts'

test('RES-01 a need that can not be read from a request lets nobody pass, and the app hears why (hono)', async () => {
  const errors: unknown[] = []
  let reached = 0
  const home = await startHome((app, pair) => {
    const fail = (): never => {
      throw new Error('of the app')
    }
    app.get('/screens', requireSession(pair, fail), (c) => c.json(reached++))
    app.get('/screen', requireSocket(pair, fail), (c) => c.json(reached++))
    app.onError((error, c) => {
      errors.push(error.message)
      return c.json({}, 500)
    })
  })
  const headers = { authorization: (await home.bearer()).authorization }
  for (const path of ['/screens', '/screen'])
    expect(await home.call(path, { headers })).toMatchObject({ status: 500 })
  expect([errors, reached]).toEqual([['of the app', 'of the app'], 0])
})
