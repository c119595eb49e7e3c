import type { Check, Write } from '@pair/core'
import { toKeyText, toStep, type Step } from '@pair/core/store'
import type { Names } from './names.ts'

/** A commit as it is sent. */
export interface Commit {
  checks: readonly { id: string; version: string | null }[]
  steps: readonly Step[]
  /** The keys that it writes or appends to, each once. */
  touched: readonly string[]
}

/** What a commit carries beside its checks and steps. */
export interface Sender {
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
  const steps = writes.map(toStep)
  return {
    checks: checks.map(({ key, version }) => ({ id: toKeyText(key), version })),
    steps,
    touched: [...new Set(steps.map(({ id }) => id))],
  }
}

/** What the script of commits is given. */
export function toCommitCall(
  { checks, steps, touched }: Commit,
  names: Names,
  { attempt, dice }: Sender,
): { keys: string[]; args: string[] } {
  const { records, streams } = names
  // a letter first: it is never taken for a number
  const version = `v${attempt} `
  const versioned: string[] = []
  const added: string[] = []
  const changed: string[] = []
  const removes: string[] = []
  const items: string[] = []
  const written: string[] = []
  const versions: string[] = []
  const known = new Set<string>()
  const addedValues: string[] = []
  const values: string[] = []
  const texts: string[] = []
  const keys = [names.meta, names.index, names.due]
  for (const { id, version } of checks)
    if (version === null) keys.push(records + id)
    else {
      known.add(id)
      versioned.push(records + id)
      versions.push(toChecked(version))
    }
  const absent = keys.length - 3
  for (const step of steps) {
    if (step.do === 'append') {
      items.push(streams + step.id)
      texts.push(step.value, String(step.purgeAt ?? ''))
      continue
    }
    written.push(step.id)
    if (step.do === 'remove') removes.push(records + step.id)
    else if (known.has(step.id)) {
      // it is there, or the commit is lost: the index has it
      changed.push(records + step.id)
      values.push(version + step.value, String(step.purgeAt ?? ''))
    } else {
      added.push(records + step.id)
      addedValues.push(version + step.value, String(step.purgeAt ?? ''))
    }
  }
  const told = JSON.stringify(touched)
  const args = [
    String(absent),
    String(versioned.length),
    String(added.length + changed.length),
    String(removes.length),
    String(items.length),
    String(added.length),
    dice,
    records,
    streams,
    names.channel,
    `${attempt} ${told.length > TOLD_BYTES ? 'null' : told}`,
    items.length > 0 ? JSON.stringify(written) : '',
  ]
  keys.push(...versioned, ...added, ...changed, ...removes, ...items)
  args.push(...versions, ...addedValues, ...values, ...texts)
  return { keys, args }
}

/** With the blank behind it. With one in it a version could reach into the value. */
function toChecked(version: string): string {
  return `${/^[!-~]+$/.test(version) ? version : NEVER} `
}
