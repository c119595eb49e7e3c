import { createHash } from 'node:crypto'

/** A script, and the name by which the server knows it. */
export interface Script {
  text: string
  sha: string
}

export function toScript(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/** By the server's clock, in milliseconds. */
export const NOW: string = `
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`

/** Redis forgets by itself so long after both \`purgeAt\` and \`now\`: that is \`forget\`. */
export function forgettingIn(ms: string): string {
  return `forget = math.min(math.max(purgeAt + 0, now) + ${ms}, 9007199254740991)`
}

/**
 * What only reads is run by a server that became a replica as well, and answers what stood then. It refuses to write, also where there is
 * nothing to do. What else refuses writes does not matter here.
 */
export const PRIMARY: string = `
local function isReplica(key)
  local tried = redis.pcall('HDEL', key, '-')
  return type(tried) == 'table' and tried.err and string.find(tried.err, 'READONLY', 1, true) and tried
end
`

/**
 * Data that was lost and begun anew is another, and so is what another server goes on with: it may lack the latest, and give what is new
 * the same places. Positions of the old lie before those of the new, whatever the clock says. Numbers of commits begin far from those
 * before: who hears one knows whether it is of the same data. Where nothing can be written it is told as if it had been born, by all alike.
 */
export const BIRTH: string = `${NOW}
local function bear(meta, dice, server, before)
  local ms = math.max(now(), (tonumber(string.sub(before or '', 1, 15)) or 0) + 1)
  local birth = string.format('%015.0f', ms) .. '.' .. dice
  local number = ((tonumber(dice, 16) + ms) % 67108864 + 1) * 1048576
  local done = redis.pcall('HSET', meta, 'birth', birth, 'server', server, 'commits', string.format('%.0f', number))
  return birth, number, type(done) == 'table' and done.err and done
end
local function serverOf()
  local said = redis.pcall('INFO', 'replication')
  return type(said) == 'string' and string.match(said, 'master_replid:(%x+)') or ''
end
local function birthOf(meta, dice)
  local server, known = serverOf(), redis.call('HMGET', meta, 'birth', 'server')
  if known[1] and (known[2] == server or server == '') then return known[1] end
  local birth, _, refused = bear(meta, dice, server, known[1])
  if refused and known[1] then
    return string.format('%015.0f', tonumber(string.sub(known[1], 1, 15)) + 1) .. '.' .. string.sub(server, 1, 8)
  end
  return birth, refused
end
`

/**
 * What may come twice is done once: by its mark it is known, as long as it may come. Later than that nothing is done, and the time is
 * answered. The last key is the mark, the last arguments are until when it may come and how long it is waited for.
 */
export const ONCE: string = `${NOW}
local attempt, notAfter, patience, at = KEYS[#KEYS], tonumber(ARGV[#ARGV - 1]), tonumber(ARGV[#ARGV]), now()
local done = redis.call('GET', attempt)
if done then return done end
if at > notAfter then return 'late' .. string.format('%.0f', at) end
local function once(answer)
  redis.call('SET', attempt, answer, 'PX', string.format('%.0f', notAfter - at + patience + 5000))
  return answer
end
`
