import { BIRTH, FOREIGN, FORGETTING, toScript, type Script } from './script.ts'

/**
 * KEYS: meta, index, due, purged, a record and a stream that nobody has. ARGV: dice, channel.
 *
 * Does once, and undoes, all that scripts do: who lacks a right is told so here, and not half-way through a commit.
 */
export const OPEN: Script = toScript(`${FOREIGN}${FORGETTING}${BIRTH}
local kinds = { 'hash', 'zset', 'zset', 'hash' }
for i, kind in ipairs(kinds) do
  if foreign(KEYS[i], kind) then return redis.error_reply('PAIRFOREIGN ' .. KEYS[i]) end
end
local record, stream = KEYS[5], KEYS[6]
redis.call('SET', record, 'x', 'PX', 60000)
redis.call('PEXPIREAT', record, string.format('%.0f', forgetAt(0)))
redis.call('PEXPIRE', record, 60000)
redis.call('PTTL', record)
redis.call('GETRANGE', record, 0, 0)
redis.call('MGET', record)
redis.call('DEL', record)
redis.call('INCRBY', record, 1)
redis.call('GET', record)
redis.call('DEL', record)
redis.call('EXISTS', record)
local id = redis.call('XADD', stream, '*', 'v', 'x')
redis.call('PEXPIRE', stream, 60000)
redis.call('XDEL', stream, id)
redis.call('XINFO', 'STREAM', stream)
redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)
redis.call('DEL', stream)
for _, key in ipairs({ KEYS[2], KEYS[3] }) do
  redis.call('ZADD', key, 0, '')
  redis.call('ZRANGEBYLEX', key, '-', '-', 'LIMIT', 0, 1)
  redis.call('ZRANGEBYSCORE', key, '(0', '(0', 'LIMIT', 0, 1)
  redis.call('ZREM', key, '')
end
redis.call('HINCRBY', KEYS[1], 'commits', 0)
redis.call('HSET', KEYS[4], '', '')
redis.call('HDEL', KEYS[4], '')
redis.call('PUBLISH', ARGV[2], '')
return 'b' .. birthOf(KEYS[1], ARGV[1])
`)

/** KEYS: the counter, and where the attempt leaves a mark, if it does. ARGV: by, purgeAt, how long the mark stays. */
export const INCREMENT: Script = toScript(`${FORGETTING}
local counter, attempt, by = KEYS[1], KEYS[2], tonumber(ARGV[1])
local counted = attempt and redis.call('GET', attempt)
if counted then
  -- written on this line too: replicas are waited for by what a line wrote
  redis.call('PEXPIRE', attempt, ARGV[3])
  return 'n' .. counted
end
local total = tonumber(redis.call('GET', counter) or '0')
if not total then return redis.error_reply('PAIRFOREIGN ' .. counter) end
if by == 0 then return string.format('n%.0f', total) end
if total + by > 9007199254740991 then return redis.error_reply('PAIRFULL a counter ends at 2^53') end
total = redis.call('INCRBY', counter, ARGV[1])
local at, left = forgetAt(ARGV[2]), redis.call('PTTL', counter)
if left < 0 or now() + left < at then redis.call('PEXPIREAT', counter, string.format('%.0f', at)) end
if attempt then redis.call('SET', attempt, string.format('%.0f', total), 'PX', ARGV[3]) end
-- as a text: drivers that read numbers digit by digit round the last ones below 2^53
return string.format('n%.0f', total)
`)

/** KEYS: index, due, purged. ARGV: what precedes a text in the name of a record, in that of a stream, before, how many. */
export const PURGE: Script = toScript(`${FOREIGN}
local index, due, purged = KEYS[1], KEYS[2], KEYS[3]
local gone = redis.call('ZRANGEBYSCORE', due, '-inf', '(' .. ARGV[3], 'LIMIT', 0, ARGV[4])
local items = {}
for i, name in ipairs(gone) do
  local id, text = string.match(name, '^s(%d+%-%d+) (.*)$')
  if id then
    items[i] = { id, text }
    if foreign(ARGV[2] .. text, 'stream') then return redis.error_reply('PAIRFOREIGN ' .. ARGV[2] .. text) end
  end
end
if foreign(purged, 'hash') then return redis.error_reply('PAIRFOREIGN ' .. purged) end
if foreign(index, 'zset') then return redis.error_reply('PAIRFOREIGN ' .. index) end

local function isLater(id, other)
  local ms, number = string.match(id, '(%d+)%-(%d+)')
  local otherMs, otherNumber = string.match(other, '(%d+)%-(%d+)')
  if ms ~= otherMs then return tonumber(ms) > tonumber(otherMs) end
  return tonumber(number) > tonumber(otherNumber)
end
for i, name in ipairs(gone) do
  local item = items[i]
  if item then
    redis.call('XDEL', ARGV[2] .. item[2], item[1])
    local last = redis.call('HGET', purged, item[2])
    if not last or isLater(item[1], last) then redis.call('HSET', purged, item[2], item[1]) end
  else
    local text = string.sub(name, 2)
    redis.call('DEL', ARGV[1] .. text)
    redis.call('ZREM', index, text)
  end
  -- last: where the slot is on its way to another server, all before it may fail, and is done again
  redis.call('ZREM', due, name)
end
return #gone
`)

/** KEYS: meta. ARGV: channel, what to say. Tells those who listen there how far the data is. */
export const BEAT: Script = toScript(`
local birth = redis.call('HGET', KEYS[1], 'birth') or ''
local commits = redis.call('HGET', KEYS[1], 'commits') or '0'
redis.call('PUBLISH', ARGV[1], birth .. ' ' .. commits .. ' ' .. ARGV[2])
return 1
`)
