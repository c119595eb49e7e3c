import type { Redis } from 'ioredis'
import { putsOf, textOf, type Shape } from '../stores/shape.ts'

/**
 * What one writes who needs just this: a script that takes the code if it is unused and what must be absent is, and then writes the rest
 * beside it. KEYS: code, stream, others to write, what must be absent. ARGV: open, how many others, end, item, keys, then value by value.
 * Sessions and devices of which somebody wants a list have their names in a set besides: `listed` puts them there.
 */
const toRedeem = (listed: string): string => `
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
local others = tonumber(ARGV[2])
for i = 3 + others, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then return 0 end
end
redis.call('HSET', KEYS[1], 'version', ARGV[6], 'value', ARGV[7])
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
for i = 1, others do
  redis.call('HSET', KEYS[2 + i], 'version', ARGV[6 + 2 * i], 'value', ARGV[7 + 2 * i])
  redis.call('PEXPIREAT', KEYS[2 + i], ARGV[3])
end
${listed}
redis.call('XADD', KEYS[2], '*', 'value', ARGV[4], 'keys', ARGV[5])
return 1
`

const LISTED = `
local names = {}
for i = 1, others do
  names[2 * i - 1] = 0
  names[2 * i] = KEYS[2 + i]
end
redis.call('ZADD', 'hand:{hand}:index', unpack(names))
`

const COUNT = `
local total = redis.call('INCR', KEYS[1])
if total == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return total
`

type Scripts = Redis & {
  redeemByHand(count: number, ...rest: (string | number)[]): Promise<number>
  redeemListed(count: number, ...rest: (string | number)[]): Promise<number>
  countByHand(key: string, ms: number): Promise<number>
}

/** Loaded once, and called by their names. */
export function withScripts(redis: Redis): Scripts {
  redis.defineCommand('redeemByHand', { lua: toRedeem('') })
  redis.defineCommand('redeemListed', { lua: toRedeem(LISTED) })
  redis.defineCommand('countByHand', { lua: COUNT, numberOfKeys: 1 })
  return redis as Scripts
}

const nameOf = (text: string): string => `hand:{hand}:${text}`

export async function redeemByHand(
  redis: Scripts,
  script: 'redeemByHand' | 'redeemListed',
  { checks, writes }: Shape,
  codeKey: readonly string[],
): Promise<boolean> {
  const puts = putsOf(writes)
  const code = puts.find(({ key }) => textOf(key) === textOf(codeKey))!
  const others = puts.filter((put) => put !== code)
  const item = writes.find((write) => 'append' in write)!
  const absent = checks.filter(({ version }) => version === null)
  const keys = [textOf(codeKey), 'journal', ...[...others, ...absent].map(({ key }) => textOf(key))]
  const answer = await redis[script](
    keys.length,
    ...keys.map(nameOf),
    'open',
    others.length,
    code.purgeAt!,
    item.value!,
    JSON.stringify(puts.map(({ key }) => textOf(key))),
    ...[code, ...others].flatMap(({ value }) => [crypto.randomUUID(), value]),
  )
  return answer === 1
}

export const countByHand = (redis: Scripts, name: string, ms: number): Promise<number> =>
  redis.countByHand(nameOf(name), ms)

/** An unused code, as `redeemByHand` takes it. */
export const codeByHand = (text: string, value: string): string[] => [
  nameOf(text),
  'version',
  'open',
  'value',
  value,
]
