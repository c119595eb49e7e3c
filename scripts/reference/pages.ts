import { readFileSync } from 'node:fs'
import { errorCodes, EVENT_TYPES, PairError } from '@pair/core'
import { ERRORS } from './errors.ts'
import { EVENTS } from './events.ts'

/** The pages that are made of the code's own tables, by their file. */
export function referencePages(): Readonly<Record<string, string>> {
  return { 'docs/errors.md': errorsPage(), 'docs/events.md': eventsPage() }
}

const introduction = (name: string): string =>
  readFileSync(new URL(`./${name}-introduction.md`, import.meta.url), 'utf8')

function errorsPage(): string {
  const sections = errorCodes.map((code) => {
    const { status, message, hint } = new PairError(code)
    return `## ${code}\n\n\`${status}\` · ${message} ${ERRORS[code]}\n\nMend: ${hint}\n`
  })
  return [introduction('errors'), ...sections].join('\n')
}

function eventsPage(): string {
  const list = (names: readonly string[] | undefined): string =>
    names?.map((name) => `\`${name}\``).join(', ') ?? ''
  const rows = EVENT_TYPES.map((type) => {
    const { what, ids, detail } = EVENTS[type]
    return `| \`${type}\` | ${what} | ${list(ids)} | ${list(detail)} |`
  })
  const head = '| type | what | ids | detail |\n| --- | --- | --- | --- |'
  return [introduction('events'), head, ...rows, ''].join('\n')
}
