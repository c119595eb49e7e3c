import { PairError, type ErrorCode } from '@pair/core'

/** What begins an error that the server itself answers, what it means here, and what mends it. */
const ANSWERS: Readonly<Record<string, readonly [code: ErrorCode, message: string, hint: string]>> =
  {
    READONLY: [
      'store_unavailable',
      'This Redis is a replica, and takes no writes.',
      'Connect to the primary. After a failover: reconnectOnError: (error) => error.message.includes("READONLY") with ioredis.',
    ],
    LOADING: [
      'store_unavailable',
      'Redis is still reading its data from the disk.',
      'Try again in a moment. Nothing was changed.',
    ],
    OOM: [
      'store_unavailable',
      'Redis has no memory left.',
      'Raise maxmemory, and leave maxmemory-policy at noeviction. Nothing was changed.',
    ],
    MISCONF: [
      'store_unavailable',
      'Redis can not write to its disk, and takes no writes.',
      'Look at the disk and the log of the server. Nothing was changed.',
    ],
    BUSY: [
      'store_unavailable',
      'Redis is busy with a script of somebody else.',
      'Give the store a server without long scripts, or end that one with SCRIPT KILL. Nothing was changed.',
    ],
    NOREPLICAS: [
      'store_unavailable',
      'Redis has fewer replicas than min-replicas-to-write asks for.',
      'Bring the replicas back. Nothing was changed.',
    ],
    MASTERDOWN: [
      'store_unavailable',
      'This Redis is a replica that lost its primary.',
      'Connect to the primary.',
    ],
    CLUSTERDOWN: [
      'store_unavailable',
      'The cluster has no server for these keys.',
      'Look at CLUSTER INFO. Nothing was changed.',
    ],
    TRYAGAIN: [
      'store_unavailable',
      'The keys are on their way to another server of the cluster.',
      'Try again in a moment. Nothing was changed.',
    ],
    MOVED: [
      'config_invalid',
      'redisStore: this client knows one server of a cluster only.',
      'new Cluster([{ host, port }]) with ioredis, createCluster({ rootNodes: [{ url }] }) with redis.',
    ],
    CROSSSLOT: [
      'config_invalid',
      'redisStore: the server puts keys of one slot apart.',
      'Its proxy must leave {braces} in names alone.',
    ],
    NOAUTH: ['config_invalid', 'redisStore: Redis asks for a password.', 'redis://:password@host'],
    WRONGPASS: [
      'config_invalid',
      'redisStore: Redis takes neither this user nor this password.',
      'redis://user:password@host',
    ],
    NOPERM: [
      'config_invalid',
      'redisStore: this user of Redis may not do what the store has to do.',
      'ACL SETUSER app ~{pair}:* ~pair:count* &{pair}:* +@all -@dangerous +info',
    ],
    PAIRFOREIGN: [
      'config_invalid',
      'redisStore: a key with a name of the store holds something else.',
      "Give the store a prefix of its own: redisStore(client, { prefix: 'app' })",
    ],
  }

const SAME: Readonly<Record<string, string>> = { ASK: 'TRYAGAIN', WRONGTYPE: 'PAIRFOREIGN' }

/** The word with which the server began its refusal; empty where it did not answer, or with something else. */
export function wordOf(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  // a client over HTTP adds what was asked, older servers the line of the script
  const [said = ''] = message.split(/, command was:/)
  // what a script may not do is told without that word
  if (/user executing the script can't/.test(said)) return 'NOPERM'
  for (const [, word] of said.slice(0, 400).matchAll(/(?:^|[\s:'-])([A-Z]{3,})\b/g)) {
    if (word === 'NOSCRIPT' || word === 'PAIRFULL') return word
    const known = SAME[word!] ?? word!
    if (Object.hasOwn(ANSWERS, known)) return known
  }
  return ''
}

/** Whether the server said so itself. */
export function isAnswer(error: unknown): boolean {
  return wordOf(error) !== ''
}

/** What a call is rejected with. Where the server did not say so, nobody knows what came of it. */
export function toRefusal(error: unknown): Error {
  if (error instanceof PairError) return error
  const word = wordOf(error)
  if (word === 'PAIRFULL') return new RangeError('A counter ends at 2^53')
  const answer = ANSWERS[word]
  if (!answer)
    return new PairError('store_unavailable', { reason: `Redis gave no answer: ${nameOf(error)}` })
  const [code, message, hint] = answer
  return new PairError(code, { message, hint, reason: `Redis said ${word}` })
}

/** What came is no answer of that script: whether it was done is not known. */
export function notUnderstood(): PairError {
  return new PairError('store_unavailable', {
    hint: 'Let nothing between the store and Redis change what scripts answer.',
    reason: 'Redis did not say what came of it',
  })
}

/** Errors of drivers carry the command with its values: they are not passed on. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? `${error.name} ${code}` : error.name
}
