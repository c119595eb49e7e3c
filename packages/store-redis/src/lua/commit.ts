import { BIRTH, forgettingIn, ONCE, toScript, type Script } from './script.ts'

/*
 * KEYS: meta, index, due, then in this order what must be absent, what must be absent and is put, what is put unchecked, what must have a
 * version and is put, what must have one, what is removed, the stream of each item.
 * ARGV: how many of these seven, dice, what precedes a text in the name of a record and of a stream, channel, what is told, the keys that are
 * written as JSON, then the versions with a blank, then record and purgeAt or nothing of each put and item.
 *
 * The first write of a script is where Redis refuses it: no memory, no disk, a replica. All that follow then go through. What holds
 * something else is an error of its own: as long as one may come, nothing is written that shows.
 */
const BODY = `
local KEYS, ARGV, call = KEYS, ARGV, redis.call
local bare, free, changed, removes, items = ARGV[1] + 0, ARGV[2] + 0, ARGV[4] + 0, ARGV[6] + 0, ARGV[7] + 0
local absent, added, versions = bare + free, free + ARGV[3], changed + ARGV[5]
local k, v, puts = 3 + bare, 3 + bare + added, added + changed
for from = 4, 3 + absent, 4000 do
  if call('EXISTS', unpack(KEYS, from, math.min(from + 3999, 3 + absent))) > 0 then return 0 end
end
for i = 1, versions do
  local version = ARGV[13 + i]
  if call('GETRANGE', KEYS[v + i], 0, #version - 1) ~= version then return 0 end
end
if puts + removes + items == 0 then return 1 end

local function each(command, key, list, count)
  for from = 1, count, 4000 do call(command, key, unpack(list, from, math.min(from + 3999, count))) end
end
local meta, index, due, sub = KEYS[1], KEYS[2], KEYS[3], string.sub
-- to remove needs no memory, and is not refused where there is none: nor is what follows
if puts + items == 0 then call('HDEL', meta, '-') end
local number = call('HINCRBY', meta, 'commits', 1)
if number < 1048576 then
  ${BIRTH}
  local refused
  _, number, refused = bear(meta, ARGV[8], serverOf(), call('HGET', meta, 'birth'))
  if refused then return refused end
end

local texts, ends, endless, e, n = {}, {}, {}, 0, 0
local cut, a, r = #ARGV[9] + 1, 13 + versions, v + versions
for i = 1, puts do
  local text, purgeAt = sub(KEYS[k + i], cut), ARGV[a + 2 * i]
  if i <= added then
    texts[2 * i - 1] = '0'
    texts[2 * i] = text
  end
  if purgeAt == '' then
    n = n + 1
    endless[n] = 'r' .. text
  else
    ends[e + 1] = purgeAt
    ends[e + 2] = 'r' .. text
    e = e + 2
  end
end
local needsTime = e > 0
for i = 1, removes do
  n = n + 1
  endless[n] = 'r' .. sub(KEYS[r + i], cut)
end

each('ZADD', index, texts, 2 * added)
if n > 0 then each('ZREM', due, endless, n) else call('ZCARD', due) end
local s, b, now = r + removes, a + 2 * puts, nil
for i = 2, items do call('XLEN', KEYS[s + i]) end
for i = 1, items do
  local stream, purgeAt = KEYS[s + i], ARGV[b + 2 * i]
  local id = call('XADD', stream, '*', 'v', ARGV[b + 2 * i - 1], 'k', ARGV[13])
  now = string.match(id, '^%d+') + 0
  if purgeAt ~= '' then
    ends[e + 1] = purgeAt
    ends[e + 2] = 's' .. id .. ' ' .. sub(stream, #ARGV[10] + 1)
    e = e + 2
  end
end
each('ZADD', due, ends, e)

local last, forget = '', 0
if needsTime and not now then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
for i = 1, puts do
  local purgeAt = ARGV[a + 2 * i]
  if purgeAt == '' then
    call('SET', KEYS[k + i], ARGV[a + 2 * i - 1])
  else
    if purgeAt ~= last then
      last = purgeAt
      ${forgettingIn('86400000')}
    end
    call('SET', KEYS[k + i], ARGV[a + 2 * i - 1], 'PXAT', forget)
  end
end
for from = 1, removes, 4000 do
  local to = math.min(from + 3999, removes)
  local gone = {}
  for i = from, to do gone[i - from + 1] = sub(KEYS[r + i], cut) end
  call('ZREM', index, unpack(gone))
  call('DEL', unpack(KEYS, r + from, r + to))
end
-- who can't be told hears a gap in the numbers
redis.pcall('PUBLISH', ARGV[11], number .. ' ' .. ARGV[12])
`

/** Answers whether all that was checked held. */
export const COMMIT: Script = toScript(`${BODY}return 1`)

/** The same for a client that may send it twice. */
export const COMMIT_ONCE: Script = toScript(`${ONCE}${BODY}return once('1')`)
