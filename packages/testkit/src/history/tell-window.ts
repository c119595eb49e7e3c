import type { Key } from '@pair/core'
import { nameOf, type Operation } from './history.ts'
import { entryValue, type Facts } from './puzzle.ts'

export interface Window {
  says: string
  operations: readonly Operation[]
  facts: Facts
}

/** Operations as lines for people: who, from when until when in milliseconds, what was asked and what was answered. */
export function tellWindow({ says, operations, facts }: Window): string {
  const inOrder = operations.toSorted((a, b) => a.began - b.began)
  const start = inOrder[0]?.began ?? 0
  const ms = (at: number | null): string => (at === null ? '?' : ((at - start) / 1e6).toFixed(3))
  const rows = inOrder.map((operation) => [
    nameOf(operation),
    `${ms(operation.began)} – ${ms(operation.ended)} ms`,
    tellAsked(operation, facts),
    `→ ${tellAnswer(operation, facts)}`,
  ])
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)))
  return [`${says}:`, ...lines.map((cells) => `  ${cells.join('  ')}`)].join('\n')
}

function tellAsked({ asked }: Operation, facts: Facts): string {
  switch (asked.do) {
    case 'read':
      return `read ${tellKey(asked.key)}`
    case 'list':
      return `list ${tellKey(asked.prefix)}`
    case 'increment':
      return `increment ${tellKey(asked.counter)} by ${asked.by}`
    case 'commit': {
      const checks = asked.checks.map(({ key, version }) => {
        if (version === null) return `${tellKey(key)} is absent`
        const value = facts.valueAt(key, version)
        return `${tellKey(key)} is ${value === undefined ? `at ${version}` : tellValue(value)}`
      })
      const writes = asked.writes.map(({ key, value }) =>
        value === null ? `remove ${tellKey(key)}` : `${tellKey(key)} := ${tellValue(value)}`,
      )
      const condition = checks.length > 0 ? `if ${checks.join(' and ')}: ` : ''
      return `commit ${condition}${writes.join(', ') || 'nothing'}`
    }
  }
}

function tellAnswer({ asked, ended, answer }: Operation, facts: Facts): string {
  if (ended === null) return 'unknown'
  if (asked.do !== 'read') return JSON.stringify(answer)
  const value = entryValue(answer)
  if (value === null) return 'absent'
  return `${tellValue(value)}${facts.writersOf(asked.key, value) > 0 ? '' : ', which nobody wrote'}`
}

export function tellKey(key: Key): string {
  return key.join('/')
}

function tellValue(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
}
