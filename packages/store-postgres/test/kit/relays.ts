import { onTestFinished } from 'vitest'
import { newRelay, type Relay } from './relay.ts'
import { postgresUrl } from './server.ts'

/** A way to the server of the tests that can be cut, until the test is over. */
export async function openRelay(): Promise<Relay> {
  const relay = await newRelay(await postgresUrl())
  onTestFinished(() => relay.close())
  return relay
}
