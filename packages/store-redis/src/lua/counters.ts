import { forgettingIn, ONCE, PRIMARY, toScript, type Script } from './script.ts'

/*
 * KEYS: counter, what was born of its tag: how many in each hour, and how many are over. ARGV: by, purgeAt, how many may be born in an hour, how
 * long it has to stay at least, by the clock of who asks.
 *
 * Where too many were born that hour, a new one is no counter: its totals come from what is over, each once, and are above any limit.
 */
const BODY = `
local counter = KEYS[1]
local total = redis.pcall('INCRBY', counter, ARGV[1])
if type(total) == 'table' then
  if string.find(total.err, 'not an integer', 1, true) then return redis.error_reply('PAIRFOREIGN ' .. counter) end
  return total
end
if total > 9007199254740991 then
  redis.call('DECRBY', counter, ARGV[1])
  return redis.error_reply('PAIRFULL a counter ends at 2^53')
end
local isNew = total == ARGV[1] + 0
local left = isNew and -1 or redis.call('PTTL', counter)
if left < 0 or left < ARGV[4] + 0 then
  local time = redis.call('TIME')
  local now, purgeAt, forget = time[1] * 1000 + math.floor(time[2] / 1000), ARGV[2]
  ${forgettingIn('3600000')}
  if left < 0 or now + left < forget then redis.call('PEXPIREAT', counter, forget) end
  if isNew then
    local born, hour = KEYS[2], math.floor(now / 3600000)
    local births = redis.call('HINCRBY', born, hour, 1)
    if births == 1 then
      redis.call('HDEL', born, hour - 1, hour - 2)
      redis.call('PEXPIRE', born, 7200000)
    end
    if births > ARGV[3] + 0 then
      redis.call('DEL', counter)
      -- where it was forgotten it goes on above what it was
      redis.call('HSETNX', born, 'over', string.format('%.0f', now))
      total = 1099511627776 + redis.call('HINCRBY', born, 'over', ARGV[1])
    end
  end
end
-- as a text: drivers that read numbers digit by digit round the last ones below 2^53
local said = total < 100000000000000 and 'n' .. total or string.format('n%.0f', total)
`

/** Raises a counter and answers its total. */
export const INCREMENT: Script = toScript(`${BODY}return said`)

/** The same for a client that may send it twice. */
export const INCREMENT_ONCE: Script = toScript(`${ONCE}${BODY}return once(said)`)

/** KEYS: counter, what was born of its tag. */
export const TOTAL: Script = toScript(`${PRIMARY}
return isReplica(KEYS[2]) or 'n' .. (redis.call('GET', KEYS[1]) or '0')
`)
