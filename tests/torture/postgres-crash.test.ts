import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { newServer, type OwnServer } from '../../packages/store-postgres/test/kit/own-server.ts'
import { freshSchema } from './fresh-place.ts'
import { EXTENT, PATIENCE_MS } from './options.ts'
import { openTrial } from './trial.ts'

/** Killed, and started again as soon as those that it had started have noticed and are gone. */
async function crash(server: OwnServer): Promise<void> {
  await server.kill()
  for (let tries = 0; ; tries++)
    try {
      return await server.start()
    } catch (error) {
      if (tries > 200) throw error
      await pause(50)
    }
}

test(
  'SEC-13 CODE-05 CODE-06 where the server itself is killed again and again, what two apps answered is there after its recovery and what they refused is nothing (postgres)',
  async () => {
    const server = await newServer()
    onTestFinished(() => server.remove())
    await server.start()
    const trial = await openTrial(freshSchema(server.url))
    for (let nth = 0; nth < EXTENT.crashes; nth++) {
      const before = trial.ledger.totals.length
      // at work again
      await expect
        .poll(() => trial.ledger.totals.length, { timeout: 30_000, interval: 20 })
        .toBeGreaterThan(before + 200)
      await pause(Math.random() * 500)
      await crash(server)
    }
    await trial.finish(`${EXTENT.crashes} crashes`)
    expect(trial.ledger.unsureCounts).toBeGreaterThan(0)
  },
  PATIENCE_MS,
)
