import type { Check, Write } from '@pair/core'
import { toKeyText, toStep, type Step } from '@pair/core/store'
import type { Names } from './names.ts'

/** A commit as it is sent. */
export interface Commit {
  checks: readonly { id: string; version: string | null }[]
  steps: readonly Step[]
}

/** What a commit carries beside its checks and steps. */
export interface Sender {
  /** How long it must know itself again when it comes twice; 0: it comes once. */
  markMs: number
  /** Who tells what was written. */
  self: string
  /** Never used before. */
  attempt: string
  dice: string
}

/** More than so much is told as "any key". */
const TOLD_BYTES = 32_768
/** What is no version of a store holds nowhere. */
const NEVER = '!'

/** @throws TypeError for what no store takes. */
export function toCommit(checks: readonly Check[], writes: readonly Write[]): Commit {
  return {
    checks: checks.map(({ key, version }) => ({ id: toKeyText(key), version })),
    steps: writes.map(toStep),
  }
}

/** The keys that it writes or appends to, each once. */
export function toTouched({ steps }: Commit): string[] {
  return [...new Set(steps.map(({ id }) => id))]
}

/** What the script of commits is given. */
export function toCommitCall(
  commit: Commit,
  names: Names,
  sender: Sender,
): { keys: string[]; args: string[] } {
  const keys = [names.meta, names.index, names.due, names.attempt(sender.attempt)]
  const places = new Map<string, string>()
  const placeOf = (name: string): string => {
    const known = places.get(name)
    if (known !== undefined) return known
    const place = String(keys.push(name))
    places.set(name, place)
    return place
  }
  const written = commit.steps.filter((step) => step.do !== 'append').map(({ id }) => id)
  const told = JSON.stringify(toTouched(commit))
  const args = [
    String(sender.markMs),
    names.records,
    names.streams,
    names.channel,
    sender.self,
    told.length > TOLD_BYTES ? 'null' : told,
    JSON.stringify([...new Set(written)]),
    // a letter first: it is never taken for a number
    `v${sender.attempt}`,
    sender.dice,
    String(commit.checks.length),
  ]
  for (const { id, version } of commit.checks)
    args.push(placeOf(names.records + id), toChecked(version))
  for (const step of commit.steps) {
    if (step.do === 'remove') args.push('r', placeOf(names.records + step.id))
    else {
      const isPut = step.do === 'put'
      const name = (isPut ? names.records : names.streams) + step.id
      args.push(isPut ? 'p' : 'a', placeOf(name), step.value, String(step.purgeAt ?? ''))
    }
  }
  return { keys, args }
}

/** Empty: must not be there. With a blank in it a version could reach into the value. */
function toChecked(version: string | null): string {
  if (version === null) return ''
  return /^[!-~]+$/.test(version) ? version : NEVER
}
