import { BIRTH, PRIMARY, toScript, type Script } from './script.ts'

/**
 * KEYS: meta, index, due, purged, a record and a stream that nobody has. ARGV: dice, channel, a salt. Answers the time, and the salt of all,
 * or nothing where none could be kept.
 *
 * Does once, and undoes, all that scripts do: who lacks a right is told so here, and not half-way through a commit. A server that takes
 * no writes at this time can still be read.
 */
export const OPEN: Script = toScript(`${PRIMARY}${BIRTH}
local meta, index, due, purged, record, stream = unpack(KEYS)
local replica = isReplica(meta)
if replica then return replica end
local failed
local function try(...)
  local answer = redis.pcall(...)
  if type(answer) == 'table' and answer.err then
    for _, word in ipairs({ 'OOM', 'MISCONF', 'NOREPLICAS' }) do
      if string.find(answer.err, word, 1, true) then return end
    end
    failed = failed or answer
  end
  return answer
end
try('HMGET', meta, 'birth')
try('HSET', purged, '', 0)
try('HSETNX', purged, '', 0)
try('HINCRBY', purged, '', 1)
try('HDEL', purged, '')
for _, key in ipairs({ index, due }) do
  try('ZADD', key, 0, '')
  try('ZCARD', key)
  try('ZRANGEBYLEX', key, '-', '-', 'LIMIT', 0, 1)
  try('ZRANGEBYSCORE', key, '(0', '(0', 'LIMIT', 0, 1)
  try('ZREM', key, '')
end
try('SET', record, 'x', 'PXAT', string.format('%.0f', now() + 60000))
try('PEXPIREAT', record, string.format('%.0f', now() + 60000))
try('PEXPIRE', record, 60000)
try('PTTL', record)
try('GETRANGE', record, 0, 0)
try('MGET', record)
try('DEL', record)
try('INCRBY', record, 1)
try('DECRBY', record, 1)
try('GET', record)
try('DEL', record)
try('EXISTS', record)
local id = try('XADD', stream, '*', 'v', 'x')
if id then
  try('PEXPIRE', stream, 60000)
  try('XLEN', stream)
  try('XDEL', stream, id)
  try('XINFO', 'STREAM', stream)
  try('XRANGE', stream, '-', '+', 'COUNT', 1)
  try('DEL', stream)
end
try('PUBLISH', ARGV[2], '')
if failed then return failed end
birthOf(meta, ARGV[1])
redis.pcall('HSETNX', meta, 'salt', ARGV[3])
return 't' .. string.format('%.0f', now()) .. ' ' .. (redis.call('HGET', meta, 'salt') or '')
`)

/** KEYS: index, due, purged. ARGV: what precedes a text in the name of a record, in that of a stream, before, how many. */
export const PURGE: Script = toScript(`
local index, due, purged = KEYS[1], KEYS[2], KEYS[3]
local gone = redis.call('ZRANGEBYSCORE', due, '-inf', '(' .. ARGV[3], 'LIMIT', 0, ARGV[4])
if #gone == 0 then return 0 end
local function isLater(id, other)
  local ms, number = string.match(id, '(%d+)%-(%d+)')
  local otherMs, otherNumber = string.match(other, '(%d+)%-(%d+)')
  if ms ~= otherMs then return tonumber(ms) > tonumber(otherMs) end
  return tonumber(number) > tonumber(otherNumber)
end
local texts, records = {}, {}
for _, name in ipairs(gone) do
  local id, text = string.match(name, '^s(%d+%-%d+) (.*)$')
  if id then
    redis.call('XDEL', ARGV[2] .. text, id)
    local last = redis.call('HGET', purged, text)
    if not last or isLater(id, last) then redis.call('HSET', purged, text, id) end
  else
    text = string.sub(name, 2)
    texts[#texts + 1] = text
    records[#records + 1] = ARGV[1] .. text
  end
end
if #texts > 0 then
  redis.call('ZREM', index, unpack(texts))
  redis.call('DEL', unpack(records))
end
-- last: where the slot is on its way to another server, all before it may fail, and is done again
redis.call('ZREM', due, unpack(gone))
return #gone
`)

/** KEYS: meta. ARGV: channel, what to say, dice. Tells those who listen there how far the data is. */
export const BEAT: Script = toScript(`${PRIMARY}${BIRTH}
local replica = isReplica(KEYS[1])
if replica then return replica end
birthOf(KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[1], (redis.call('HGET', KEYS[1], 'commits') or '0') .. ' ' .. ARGV[2])
return 1
`)
