import { BIRTH, FOREIGN, FORGETTING, toScript, type Script } from './script.ts'

/**
 * KEYS: meta, index, due, attempt, then each record and stream once.
 * ARGV: how long the attempt leaves a mark (0: it leaves none), what precedes the text in the name of a record, and in that of a
 * stream, channel, who tells, what is told, the keys that are written as JSON, version, dice, number of checks, each check
 * (which key, version or nothing), then each step (what, which key, and to put or append also value and purgeAt or nothing).
 *
 * The first write of a script is where Redis refuses it: no memory, no disk, a replica. All that follow then go through.
 */
export const COMMIT: Script = toScript(`${FOREIGN}${FORGETTING}${BIRTH}
local meta, index, due, attempt = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local marked = ARGV[1] ~= '0'
if marked and redis.call('EXISTS', attempt) == 1 then
  -- written on this line too: replicas are waited for by what a line wrote
  redis.call('PEXPIRE', attempt, ARGV[1])
  return 1
end
local at = 11
for _ = 1, tonumber(ARGV[10]) do
  local key, version = KEYS[tonumber(ARGV[at])], ARGV[at + 1]
  if version == '' then
    if redis.call('EXISTS', key) == 1 then return 0 end
  elseif redis.call('GETRANGE', key, 0, #version) ~= version .. ' ' then
    return 0
  end
  at = at + 2
end
if at > #ARGV then return 1 end

local first, grows = at, false
while at <= #ARGV do
  local what, key = ARGV[at], KEYS[tonumber(ARGV[at + 1])]
  if what == 'a' and foreign(key, 'stream') then return redis.error_reply('PAIRFOREIGN ' .. key) end
  grows = grows or what ~= 'r'
  at = at + (what == 'r' and 2 or 4)
end
if foreign(meta, 'hash') then return redis.error_reply('PAIRFOREIGN ' .. meta) end
if foreign(index, 'zset') then return redis.error_reply('PAIRFOREIGN ' .. index) end
if foreign(due, 'zset') then return redis.error_reply('PAIRFOREIGN ' .. due) end

-- to remove needs no memory, and is not refused where there is none
local number = grows and redis.call('HINCRBY', meta, 'commits', 1)
at = first
local records, streams = #ARGV[2] + 1, #ARGV[3] + 1
while at <= #ARGV do
  local what, key = ARGV[at], KEYS[tonumber(ARGV[at + 1])]
  if what == 'r' then
    local text = string.sub(key, records)
    redis.call('DEL', key)
    redis.call('ZREM', index, text)
    redis.call('ZREM', due, 'r' .. text)
    at = at + 2
  else
    local value, purgeAt = ARGV[at + 2], ARGV[at + 3]
    if what == 'p' then
      local text = string.sub(key, records)
      redis.call('SET', key, ARGV[8] .. '.' .. string.format('%.0f', number) .. ' ' .. value)
      redis.call('ZADD', index, 0, text)
      if purgeAt == '' then
        redis.call('ZREM', due, 'r' .. text)
      else
        redis.call('ZADD', due, purgeAt, 'r' .. text)
        redis.call('PEXPIREAT', key, string.format('%.0f', forgetAt(purgeAt)))
      end
    else
      local id = redis.call('XADD', key, '*', 'v', value, 'k', ARGV[7])
      if purgeAt ~= '' then
        redis.call('ZADD', due, purgeAt, 's' .. id .. ' ' .. string.sub(key, streams))
      end
    end
    at = at + 4
  end
end
number = number or redis.call('HINCRBY', meta, 'commits', 1)
if marked then redis.call('SET', attempt, '1', 'PX', ARGV[1]) end
-- who can't be told hears a gap in the numbers
local told = birthOf(meta, ARGV[9]) .. ' ' .. string.format('%.0f', number) .. ' ' .. ARGV[5] .. ' ' .. ARGV[6]
redis.pcall('PUBLISH', ARGV[4], told)
return 1
`)
