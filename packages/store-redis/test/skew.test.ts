import { createPair } from '@pair/core'
import { expect, it, onTestFinished } from 'vitest'
import { openServer, openStore } from './kit/open.ts'

const SECRET = 'a secret of at least thirty-two bytes, for tests'

it('SEC-20 of two instances on one Redis the one whose clock is 10 s off mints nothing, and the other does', async () => {
  const { url } = await openServer()
  const open = async (aheadMs: number) => {
    const store = await openStore(url)
    const clock = (): number => Date.now() + aheadMs
    const logger = { debug() {}, info() {}, warn() {}, error() {} }
    const pair = createPair({ secret: SECRET, store, clock, logger })
    onTestFinished(() => pair.close())
    return pair
  }
  const [right, ahead, behind] = [await open(0), await open(10_000), await open(-10_000)]
  const link = { origin: 'http://localhost' }
  for (const off of [ahead, behind])
    await expect(off.codes.issue(link)).rejects.toMatchObject({ code: 'clock_skew' })
  expect((await right.codes.issue(link)).typed).toMatch(/\w/)
})
