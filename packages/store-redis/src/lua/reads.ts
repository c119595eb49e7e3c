import { toScript, type Script } from './script.ts'

/*
 * Also what only reads is a script: drivers send those to the primary, whatever they were told to ask of replicas. Each text
 * in an answer has a letter before it: some clients take a text that looks like JSON for JSON.
 */

/** KEYS: the record. A record begins with its version. */
export const READ: Script = toScript(`return redis.call('GET', KEYS[1])`)

/**
 * KEYS: the record, meta. What this process may have written without its replicas: something is written first, as they are waited for by
 * what a line wrote.
 */
export const READ_DOUBTED: Script = toScript(`
redis.call('HINCRBY', KEYS[2], 'looks', 1)
return redis.call('GET', KEYS[1])
`)

/** KEYS: index. ARGV: what precedes a text in the name of a record, from, to, how many. */
export const LIST: Script = toScript(`
local page, from, left = {}, ARGV[2], tonumber(ARGV[4])
while left > 0 do
  local texts = redis.call('ZRANGEBYLEX', KEYS[1], from, ARGV[3], 'LIMIT', 0, math.min(left, 250))
  if #texts == 0 then break end
  local keys = {}
  for i, text in ipairs(texts) do keys[i] = ARGV[1] .. text end
  local records = redis.call('MGET', unpack(keys))
  for i, text in ipairs(texts) do
    -- Redis may have forgotten a record whose text waits for the next purge
    if records[i] then
      page[#page + 1] = 'k' .. text
      page[#page + 1] = records[i]
      left = left - 1
    end
  end
  from = '(' .. texts[#texts]
end
return page
`)

/**
 * KEYS: meta, purged, stream. ARGV: its text, the birth of the data that the reader knows or nothing, where it goes on there,
 * how many.
 *
 * Answers birth, latest and oldest, then id, value and keys of each item.
 */
export const TAIL: Script = toScript(`
local stream = KEYS[3]
if redis.call('EXISTS', stream) == 0 then return {} end
local birth = redis.call('HGET', KEYS[1], 'birth') or ''
local latest = ''
local facts = redis.call('XINFO', 'STREAM', stream)
for i = 1, #facts, 2 do
  if facts[i] == 'last-generated-id' then latest = facts[i + 1] end
end
local purged = redis.call('HGET', KEYS[2], ARGV[1])
local oldest = redis.call('XRANGE', stream, purged or '-', '+', 'COUNT', 1)[1]
local tail = { 'b' .. birth, 'i' .. latest, 'i' .. (oldest and oldest[1] or '') }

local from = '-'
if ARGV[2] ~= '' then
  if ARGV[2] == birth then
    from = ARGV[3]
  elseif tonumber(string.sub(ARGV[2], 1, 15)) > (tonumber(string.sub(birth, 1, 15)) or 0) then
    return tail
  end
end
if ARGV[4] == '0' then return tail end
for _, item in ipairs(redis.call('XRANGE', stream, from, '+', 'COUNT', ARGV[4])) do
  local fields = item[2]
  tail[#tail + 1] = 'i' .. item[1]
  tail[#tail + 1] = 'v' .. fields[2]
  tail[#tail + 1] = 'k' .. fields[4]
end
return tail
`)

/** KEYS: meta, for the way to the server that has it. */
export const TIME: Script = toScript(`
local time = redis.call('TIME')
return { time[1], time[2] }
`)

/** KEYS: meta. What the server says of itself, where it may be asked. */
export const STATE: Script = toScript(`
local said = {}
for i, section in ipairs({ 'server', 'memory', 'persistence', 'replication' }) do
  local answer = redis.pcall('INFO', section)
  said[i] = '#' .. (type(answer) == 'string' and answer or '')
end
return said
`)
