// docs/mutation.md, made of what the last runs found (results.json) and of why some mutants may live (survivors.mjs).
import { writeFileSync } from 'node:fs'
import { EXPLAINED } from './survivors.mjs'

export const RESULTS = 'tests/mutation/results.json'
const PAGE = 'docs/mutation.md'
const SRC = 'packages/core/src/'

/** Why that mutant may live; `null`: nobody said. */
export function explain(file, was, becomes) {
  const found = EXPLAINED.find(
    (each) =>
      SRC + each.file === file && each.was === was && [each.becomes].flat().includes(becomes),
  )
  return found?.why ?? null
}

const alive = ({ survived, uncovered }) => [...survived, ...uncovered]
const percent = (part, all) => (all === 0 ? 100 : Math.floor((part / all) * 1_000) / 10)

/** How many of all were found out, and, in `bar`, of those that do change something. In percent, rounded down. */
export function scoreOf(file, result) {
  const found = result.killed + result.timedOut
  const total = found + alive(result).length
  const harmless = alive(result).filter(({ was, becomes }) => explain(file, was, becomes) !== null)
  return {
    total,
    score: percent(found, total),
    bar: percent(found, total - harmless.length),
  }
}

/** Writes both files. */
export function writePage(groups, results) {
  const sorted = Object.fromEntries(Object.entries(results).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(RESULTS, `${JSON.stringify(sorted, null, 1)}\n`)
  writeFileSync(PAGE, pageOf(groups, sorted))
}

function pageOf(groups, results) {
  const known = groups.map((group) => ({
    ...group,
    rows: group.files.filter((file) => results[file]).map((file) => [file, results[file]]),
  }))
  const rows = known.flatMap(({ rows }) => rows)
  return [
    '# Which changes the tests would notice',
    '',
    'Written by `pnpm run mutation`; do not edit. Each row is a file that was changed one little at a time (a comparison turned',
    'round, a condition left out, a text emptied), with how many of the changes made a quick test fail. “Time” are those that',
    'never came to an end, which counts as noticed. The last column leaves out what is explained below: changes that change',
    'nothing. `pnpm run mutation:changed` looks at the files that differ from those of this page, and wants 90 % there, or what',
    'the page says where that is less. Races, faults and the walks through all interleavings take too long to be run for each',
    'change: what only these would notice counts as survived here.',
    '',
    '| file | mutants | noticed | time | survived | not run | score | of those that change something |',
    '| --- | --: | --: | --: | --: | --: | --: | --: |',
    ...known.flatMap(({ name, rows }) => (rows.length > 0 ? tableOf(name, rows) : [])),
    line('**all**', sum(rows)),
    '',
    '## Who survived',
    '',
    ...rows.flatMap(([file, result]) => survivorsOf(file, result)),
  ].join('\n')
}

function tableOf(name, rows) {
  return [
    line(`**${name}**`, sum(rows)),
    ...rows.flatMap(([file, result]) => {
      const figures = figuresOf(file, result)
      return figures.total === 0 ? [] : [line(file.slice(SRC.length), figures)]
    }),
  ]
}

function figuresOf(file, { killed, timedOut, survived, uncovered, ...rest }) {
  const result = { killed, timedOut, survived, uncovered, ...rest }
  const harmless = alive(result).filter(({ was, becomes }) => explain(file, was, becomes) !== null)
  const total = scoreOf(file, result).total
  return {
    total,
    killed,
    timedOut,
    survived: survived.length,
    uncovered: uncovered.length,
    harmless: harmless.length,
  }
}

function sum(rows) {
  const all = { total: 0, killed: 0, timedOut: 0, survived: 0, uncovered: 0, harmless: 0 }
  for (const [file, result] of rows)
    for (const [name, count] of Object.entries(figuresOf(file, result))) all[name] += count
  return all
}

function line(name, { total, killed, timedOut, survived, uncovered, harmless }) {
  const found = killed + timedOut
  const scores = [percent(found, total), percent(found, total - harmless)].map(
    (score) => `${score} %`,
  )
  return `| ${[name, total, killed, timedOut, survived, uncovered, ...scores].join(' | ')} |`
}

function survivorsOf(file, result) {
  if (alive(result).length === 0) return []
  const code = (text) => (text === '' ? '(nothing)' : `\`\` ${text.replaceAll('|', '\\|')} \`\``)
  return [
    `### ${file.slice(SRC.length)}`,
    '',
    '| line | was | became | why it lives |',
    '| --: | --- | --- | --- |',
    ...alive(result).map(
      ({ line, was, becomes }) =>
        `| ${line} | ${code(was)} | ${code(becomes)} | ${explain(file, was, becomes) ?? 'no quick test looks there'} |`,
    ),
    '',
  ]
}
