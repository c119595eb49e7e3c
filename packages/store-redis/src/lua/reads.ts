import { BIRTH, PRIMARY, toScript, type Script } from './script.ts'

/*
 * Also what only reads is a script: drivers send those to the primary, whatever they were told to ask of replicas. Each text
 * in an answer has a letter before it: some clients take a text that looks like JSON for JSON.
 */

/** KEYS: the record, meta. A record begins with its version. */
export const READ: Script = toScript(`${PRIMARY}
return isReplica(KEYS[2]) or redis.call('GET', KEYS[1])
`)

/**
 * KEYS: the record, meta. What this process may have written without its replicas: something is written first, as they are waited for by
 * what a line wrote.
 */
export const READ_DOUBTED: Script = toScript(`
redis.call('HINCRBY', KEYS[2], 'looks', 1)
return redis.call('GET', KEYS[1])
`)

/**
 * KEYS: index, meta. ARGV: what precedes a text in the name of a record, from, to, how many.
 *
 * Answers where it goes on, or nothing, then texts and records in turn: nobody else is served while a script looks through what Redis
 * forgot by itself.
 */
export const LIST: Script = toScript(`${PRIMARY}
local replica = isReplica(KEYS[2])
if replica then return replica end
local page, from, left = { 'c' }, ARGV[2], tonumber(ARGV[4])
local most = math.min(left, 250)
for _ = 1, 20 do
  if left == 0 then return page end
  local texts = redis.call('ZRANGEBYLEX', KEYS[1], from, ARGV[3], 'LIMIT', 0, most)
  if #texts == 0 then return page end
  local keys = {}
  for i, text in ipairs(texts) do keys[i] = ARGV[1] .. text end
  local records = redis.call('MGET', unpack(keys))
  for i, text in ipairs(texts) do
    -- Redis may have forgotten a record whose text waits for the next purge
    if records[i] then
      page[#page + 1] = 'k' .. text
      page[#page + 1] = records[i]
      left = left - 1
      if left == 0 then return page end
    end
  end
  from = '(' .. texts[#texts]
  most = 250
end
page[1] = 'c' .. from
return page
`)

/**
 * KEYS: meta, purged, stream. ARGV: its text, the birth of the data that the reader knows or nothing, where it goes on there,
 * how many, dice.
 *
 * Answers birth, latest and oldest, then id, value and keys of each item.
 */
export const TAIL: Script = toScript(`${PRIMARY}${BIRTH}
local stream = KEYS[3]
local replica = isReplica(KEYS[1])
if replica then return replica end
if redis.call('EXISTS', stream) == 0 then return {} end
local birth, refused = birthOf(KEYS[1], ARGV[5])
if refused then return refused end
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
