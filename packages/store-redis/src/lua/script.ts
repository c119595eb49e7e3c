import { createHash } from 'node:crypto'

/** A script, and the name by which the server knows it. */
export interface Script {
  text: string
  sha: string
}

export function toScript(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/** A name of ours that holds something else is seen before the first write: a script that fails later has done half. */
export const FOREIGN = `
local function foreign(key, kind)
  local is = redis.call('TYPE', key)
  is = is.ok or is
  return is ~= 'none' and is ~= kind
end
`

/** By the server's clock, in milliseconds. Redis forgets by itself a day after both \`purgeAt\` and now. */
export const FORGETTING = `
local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local function forgetAt(purgeAt)
  return math.min(math.max(tonumber(purgeAt), now()) + 86400000, 9007199254740991)
end
`

/** Data that was lost and begun anew is another: positions of the old lie before those of the new. */
export const BIRTH = `
local function birthOf(meta, dice)
  local birth = redis.call('HGET', meta, 'birth')
  if not birth then
    birth = string.format('%015.0f', now()) .. '.' .. dice
    redis.call('HSET', meta, 'birth', birth)
  end
  return birth
end
`
