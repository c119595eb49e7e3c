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

/**
 * What the script of commits is given. Each name is sent once: what has to be absent and is put stands where both are looked for, and so
 * does what must have a version and is put.
 */
export function toCommitCall(
  { checks, steps, touched }: Commit,
  names: Names,
  { attempt, dice }: Sender,
): { keys: string[]; args: string[] } {
  const { records, streams } = names
  const absent = new Set<string>()
  const versioned = new Map<string, string>()
  const again: [id: string, version: string][] = []
  for (const { id, version } of checks)
    if (version === null) absent.add(id)
    else if (versioned.has(id)) again.push([id, version])
    else versioned.set(id, version)

  const free = createPuts()
  const added = createPuts()
  const changed = createPuts()
  const versions: string[] = []
  const removes: string[] = []
  const items: string[] = []
  const texts: string[] = []
  const written: string[] = []
  for (const step of steps) {
    if (step.do === 'append') {
      items.push(streams + step.id)
      texts.push(step.value, toEnd(step))
      continue
    }
    written.push(step.id)
    if (step.do === 'remove') {
      removes.push(records + step.id)
      continue
    }
    const version = versioned.get(step.id)
    // where it has a version it is there, or the commit is lost: the index has it
    const puts = version !== undefined ? changed : absent.delete(step.id) ? free : added
    if (version !== undefined) versions.push(toChecked(version))
    puts.keys.push(records + step.id)
    // a letter first: it is never taken for a number
    puts.args.push(`v${attempt} ${step.value}`, toEnd(step))
  }
  const bare = [...absent].map((id) => records + id)
  const put = new Set(changed.keys)
  const others = [...[...versioned].filter(([id]) => !put.has(records + id)), ...again]
  versions.push(...others.map(([, version]) => toChecked(version)))
  const told = JSON.stringify(touched)
  const counts = [bare, free.keys, added.keys, changed.keys, others, removes, items]
  return {
    keys: [
      names.meta,
      names.index,
      names.due,
      ...bare,
      ...free.keys,
      ...added.keys,
      ...changed.keys,
      ...others.map(([id]) => records + id),
      ...removes,
      ...items,
    ],
    args: [
      ...counts.map(({ length }) => String(length)),
      dice,
      records,
      streams,
      names.channel,
      `${attempt} ${told.length > TOLD_BYTES ? 'null' : told}`,
      items.length > 0 ? JSON.stringify(written) : '',
      ...versions,
      ...free.args,
      ...added.args,
      ...changed.args,
      ...texts,
    ],
  }
}

function createPuts(): { keys: string[]; args: string[] } {
  return { keys: [], args: [] }
}

function toEnd({ purgeAt }: { purgeAt: number | null }): string {
  return purgeAt === null ? '' : String(purgeAt)
}

/** With the blank behind it. With one in it a version could reach into the value. */
function toChecked(version: string): string {
  return `${/^[!-~]+$/.test(version) ? version : NEVER} `
}
