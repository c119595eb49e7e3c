import { expect, test } from 'vitest'
import { requireSession } from '../src/index.ts'
import { frameworks, startHome } from './kit/home.ts'

test.each(frameworks)(
  'RES-01 a need that can not be read from a request lets nobody pass, and the app hears why (%s)',
  async (_, express) => {
    let reached = 0
    const home = await startHome(express, (app, pair) => {
      const fail = (): never => {
        throw new Error('of the app')
      }
      app.get('/screens', requireSession(pair, fail), (req, res) => void res.json(reached++))
    })
    const { authorization } = await home.bearer()
    const answer = await home.call('/screens', { headers: { authorization } })
    expect([answer.status, home.errors, reached]).toEqual([500, [new Error('of the app')], 0])
  },
)
