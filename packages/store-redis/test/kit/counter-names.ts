import { toNames } from '../../src/names.ts'
import type { OwnServer } from './own-server.ts'

/** What the counters of that prefix are called there; a store has been open on it. */
export async function counterNames(
  server: OwnServer,
  prefix = 'pair',
): Promise<(text: string) => string[]> {
  const { meta, counter } = toNames(prefix)
  const [, salt = ''] = (await server.ask('HGET', meta, 'salt')).split('\r\n')
  return (text) => counter(salt, text)
}
