import { expect, test, vi } from 'vitest'
import { open, startServer } from './server.ts'

test('RES-01 a need that can not be read from an upgrade opens nothing, and the app hears why', async () => {
  const onError = vi.fn<(error: unknown) => void>()
  const onConnection = vi.fn<() => undefined>()
  const need = (): never => {
    throw new Error('of the app')
  }
  const { origin, pairBearer } = await startServer(onConnection, { need, onError })
  const { token } = await pairBearer()
  const answer = await open(`${origin}/live`, { authorization: `Bearer ${token}` })
  expect(answer).toMatchObject({ status: 500 })
  expect(onError).toHaveBeenCalledWith(new Error('of the app'))
  expect(onConnection).not.toHaveBeenCalled()
})

test('RES-01 what is needed is read from each upgrade anew', async () => {
  const need = ({ url }: Request) =>
    new URL(url).searchParams.has('write')
      ? { scopes: ['notes:write' as const], proof: 'required' as const }
      : { scopes: ['notes:read' as const] }
  const { origin, pairBearer } = await startServer(() => undefined, { need })
  const { token } = await pairBearer()
  const headers = { authorization: `Bearer ${token}` }
  expect(await open(`${origin}/live?write`, headers)).toMatchObject({ status: 403 })
  expect(await open(`${origin}/live`, headers)).not.toHaveProperty('status')
})
