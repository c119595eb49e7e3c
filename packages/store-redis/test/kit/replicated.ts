import { expect, onTestFinished } from 'vitest'
import { openServer } from './open.ts'
import { newServer, type OwnServer } from './own-server.ts'
import { newRelay, type Relay } from './relay.ts'

/** A server and its replica, and the way between them, until the test is over. */
export interface Replicated {
  primary: OwnServer
  replica: OwnServer
  relay: Relay
  /** The primary dies as in a power cut, and the replica takes its place. */
  failOver(): Promise<void>
}

export async function openReplicated(): Promise<Replicated> {
  const primary = await openServer({ 'repl-diskless-sync-delay': '0' })
  const relay = await newRelay(primary.url)
  onTestFinished(() => relay.close())
  const replica = await newServer({ replicaof: `127.0.0.1 ${new URL(relay.url).port}` })
  onTestFinished(() => replica.remove())
  await replica.start()
  const within = { timeout: 20_000, interval: 10 }
  await expect
    .poll(() => replica.ask('INFO', 'replication'), within)
    .toContain('master_link_status:up')
  await expect.poll(() => primary.ask('INFO', 'replication'), within).toContain('state=online')
  return {
    primary,
    replica,
    relay,
    async failOver() {
      await primary.kill()
      await replica.ask('REPLICAOF', 'NO', 'ONE')
    },
  }
}
