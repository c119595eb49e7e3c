import type { Check, Write } from '@pair/core'
import { toKeyText, toStep, type Step } from '@pair/core/store'
import { toArrayText } from './array-text.ts'
import type { Value } from './driver.ts'
import { toRounds } from './rounds.ts'

/** A commit as it is sent. */
export interface Commit {
  checks: readonly { id: string; version: string | null }[]
  steps: readonly Step[]
  /** The keys that it writes. */
  written: readonly string[]
  /** Its keys, and whether each is written. */
  locks: ReadonlyMap<string, boolean>
}

/** @throws TypeError for what no store takes. */
export function toCommit(checks: readonly Check[], writes: readonly Write[]): Commit {
  const needs = checks.map(({ key, version }) => ({ id: toKeyText(key), version }))
  const steps = writes.map(toStep)
  const written = steps.filter((step) => step.do !== 'append').map(({ id }) => id)
  return {
    checks: needs,
    steps,
    written,
    locks: new Map([
      ...needs.map(({ id }) => [id, false] as const),
      ...written.map((id) => [id, true] as const),
    ]),
  }
}

/** What is bound to the call that carries these out. */
export function toCommitValues(commits: readonly Commit[], newVersion: () => string): Value[] {
  const locks = new Map<string, boolean>()
  for (const commit of commits)
    for (const [id, isWritten] of commit.locks) locks.set(id, isWritten || locks.get(id) === true)

  // in one order, so that no two wait for each other
  const locked = [...locks].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const rounds = toRounds(
    commits.map(({ checks, written }) => ({ checked: checks.map(({ id }) => id), written })),
  )
  const checks = commits.flatMap((commit, of) => commit.checks.map((check) => ({ ...check, of })))
  const steps = commits.flatMap((commit, at) =>
    commit.steps.map((step) => ({ ...step, of: at + 1, keys: commit.written })),
  )
  const writes = steps.filter((step) => step.do !== 'append')
  const items = steps.filter((step) => step.do === 'append')
  const arrays = [
    rounds,
    checks.map(({ of }) => of + 1),
    checks.map(({ id }) => id),
    checks.map(({ version }) => version),
    writes.map(({ of }) => of),
    writes.map(({ id }) => id),
    writes.map((step) => (step.do === 'put' ? step.value : null)),
    writes.map((step) => (step.do === 'put' ? newVersion() : null)),
    writes.map((step) => (step.do === 'put' ? step.purgeAt : null)),
    items.map(({ of }) => of),
    items.map(({ id }) => id),
    items.map(({ value }) => value),
    items.map(({ keys }) => JSON.stringify(keys)),
    items.map(({ purgeAt }) => purgeAt),
  ]
  return [
    toArrayText(locked.map(([id]) => id)),
    toArrayText(locked.map(([, isWritten]) => isWritten)),
    Math.max(...rounds),
    ...arrays.map(toArrayText),
  ]
}

/** The verdict of each: `lost` are the numbers of those that lost, from 1, as Postgres writes an array. */
export function toVerdicts(count: number, lost: string): boolean[] {
  const losers = new Set(lost.slice(1, -1).split(','))
  return Array.from({ length: count }, (_, at) => !losers.has(String(at + 1)))
}
