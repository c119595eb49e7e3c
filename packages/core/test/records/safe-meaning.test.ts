import { beforeAll, describe, expect, test } from 'vitest'
import type { Logger } from '../../src/ports/runtime.ts'
import type { Store } from '../../src/ports/store.ts'
import { recordKinds } from '../../src/record-kinds.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { doorsOf, visit, type Door, type Seen } from './doors.ts'
import { writeLetters } from './letters.ts'
import { FOREIGN, mutantsOf, shapeOf, type Mutant } from './mutants.ts'
import { replayInto } from './replay.ts'
import { tellStory, type Story } from './story.ts'
import { tracedStore } from './traced-store.ts'

type Row = Story['rows'][number]

let story: Story
let doors: Door[]
/** What becomes of everybody where no record is changed. */
let usual: Record<string, Seen>
/** At which doors each entry is asked for. */
const asked = new Map<string, Set<Door>>()

const textOf = ({ key }: Pick<Row, 'key'>): string => key.join('/')
/** Where that row is asked for, and the turns between these. */
const doorsAt = (row: Row): Door[] => {
  const at = asked.get(textOf(row))!
  return doors.filter((door) => door.isTurn === true || at.has(door))
}
const kindOf = ({ value }: Row): string => (JSON.parse(value) as { kind: string }).kind
const storeOf = (rows: readonly Row[]): Promise<Store> =>
  replayInto(memoryStore({ clock: () => story.at }), { ...story, rows: [...rows] })

beforeAll(async () => {
  story = await tellStory()
  doors = doorsOf(story, await writeLetters(story))
  let door: Door
  const store = tracedStore(await storeOf(story.rows), (key) => {
    const text = textOf({ key })
    asked.set(text, (asked.get(text) ?? new Set()).add(door))
  })
  usual = await visit(story, doors, store, undefined, (next) => void (door = next))
})

/** Where it can't be read who was turned away, he may ask again: a person decides. */
const ASKS_AGAIN = ['approval', 'approval-key', 'cool-down']

/** One row of that kind for each shape that lets somebody in and each that doesn't. */
function rowsOf(kind: string): Row[] {
  const rows = new Map<string, Row>()
  for (const row of story.rows.filter((each) => kindOf(each) === kind && asked.has(textOf(each)))) {
    const isIn = doorsAt(row).some(
      ({ name, isTurn }) => !isTurn && usual[name]!.in && usual[name]!.items === undefined,
    )
    rows.set(`${shapeOf(row.value)} ${isIn}`, row)
  }
  return [...rows.values()]
}

/** What is wrong with what became of everybody at a door, compared with what does where no record is changed. */
function faultsOf(name: string, was: Seen, is: Seen, mutant: Mutant, touched: string): string[] {
  const faults: string[] = []
  const isRefusal =
    typeof is.answer === 'number'
      ? is.answer < 500 || is.answer === 503
      : !/^\w*Error/.test(is.answer)
  if (!isRefusal) faults.push(`answers ${is.answer}`)
  if (mutant.means === 'same' && JSON.stringify(is) !== JSON.stringify(was))
    faults.push('is not ignored')
  if (mutant.means !== 'legal') {
    if (is.in && !was.in) faults.push('lets in')
    const mayAsk = ASKS_AGAIN.some((kind) => mutant.name.startsWith(`${kind} `))
    if (is.waits && !was.waits && !was.in && !mayAsk) faults.push('lets wait')
    if (is.scopes?.some((scope) => !was.scopes?.includes(scope))) faults.push('gives more')
    if ((is.until ?? 0) > (was.until ?? 0)) faults.push('gives it for longer')
  }
  const [, , rowId = ''] = touched.split('/')
  if (
    mutant.means === 'denied' &&
    name === 'sessions' &&
    is.items?.some((item) => item.includes(rowId))
  )
    faults.push('shows what contradicts itself')
  const isList = was.items !== undefined && name !== 'revoke all'
  if (isList && !(name === 'snapshot' && !is.in)) {
    if (!is.in) faults.push('is broken')
    const ids = touched.match(/(?:cod|dev|gra|ses|apr|agk)_[\w-]{22}/g) ?? []
    const others = was.items!.filter((item) => !ids.some((id) => item.includes(id)))
    if (!touched.startsWith('pair/epoch') && others.some((item) => !is.items?.includes(item)))
      faults.push('leaves out others')
    const idOf = (item: string): unknown => (JSON.parse(item) as { id: unknown }).id
    const shown = new Set(was.items!.map(idOf))
    if (mutant.means !== 'legal' && is.items?.some((item) => !shown.has(idOf(item))))
      faults.push('shows what was not there')
  }
  return faults.map((fault) => `${name} ${fault}`)
}

/** Kinds that have so many fields that one test would take minutes: into how many their changes are dealt out. */
const PARTS: Readonly<Record<string, number>> = { approval: 6, code: 3, session: 2 }

describe.each(recordKinds().map(({ kind }) => kind))('a record of the kind %s', (kind) => {
  const parts = PARTS[kind] ?? 1
  test.each(Array.from({ length: parts }, (_, part) => ({ part, of: parts })))(
    'SEC-16 from another version says less or nothing, and breaks nothing ($part of $of)',
    { timeout: 240_000 },
    async ({ part }) => {
      const faults: string[] = []
      expect(rowsOf(kind)).not.toEqual([])
      for (const row of rowsOf(kind)) {
        const passed = doorsAt(row)
        const was = await visit(story, passed, await storeOf(story.rows))
        for (const mutant of mutantsOf(row.value).filter((_, at) => at % parts === part)) {
          const changed = story.rows.map((each) =>
            each === row ? { ...row, value: mutant.value } : each,
          )
          const logged: string[] = []
          const log = (message: string, fields?: unknown): void =>
            void logged.push(`${message} ${JSON.stringify(fields)}`)
          const logger: Logger = { debug() {}, info: log, warn: log, error: log }
          const is = await visit(story, passed, await storeOf(changed), logger)
          const found = passed.flatMap(({ name }) =>
            faultsOf(name, was[name]!, is[name]!, mutant, `${textOf(row)} ${row.value}`),
          )
          const reported = logged.some(
            (line) => line.includes('can not be read') && line.includes(textOf(row).slice(5)),
          )
          if (kind !== 'proof' && reported !== (mutant.means === 'nothing'))
            found.push(reported ? 'is reported' : 'is not reported')
          // The operator has to know the mode that he is to mend; of all else nothing is told.
          const isNamed = mutant.name === 'admission mode an unknown word'
          if (logged.some((line) => line.includes(FOREIGN)) !== isNamed)
            found.push(isNamed ? 'is not named in the log' : 'is in the log')
          faults.push(...found.map((fault) => `${mutant.name}: ${fault}`))
        }
      }
      expect([...new Set(faults)]).toEqual([])
    },
  )
})

test('SEC-16 an item of the journal that can not be read is left out and reported, the others are told', async () => {
  const [intact = ''] = story.journal
  const item = JSON.parse(intact) as Record<string, unknown>
  const broken = [
    intact.slice(0, -1),
    '',
    '7',
    ...Object.keys(item).flatMap((name) =>
      [undefined, null, 7, [], 'soon', -1, 1e300]
        .filter((to) => typeof to !== typeof item[name] || (name === 'at' && to !== 7))
        .filter((to) => !(to === undefined && !['type', 'at', 'actor'].includes(name)))
        .map((to) => JSON.stringify({ ...item, [name]: to })),
    ),
  ]
  const readable = [
    { ...item, type: FOREIGN },
    { ...item, extra: { note: FOREIGN } },
    { ...item, actor: { kind: FOREIGN, extra: 7 } },
  ].map((each) => JSON.stringify(each))
  const rest = story.journal.slice(1)
  const logged: unknown[] = []
  const log = (...line: unknown[]): void => void logged.push(line)
  const store = await replayInto(memoryStore({ clock: () => story.at }), {
    ...story,
    journal: [...broken, ...readable, ...rest],
  })
  const logger: Logger = { debug() {}, info: log, warn: log, error: log }
  const told = doors.filter(({ name }) => name === 'journal')
  const { journal } = await visit(story, told, store, logger)
  const types = journal!.items!.map((each) => (JSON.parse(each) as { type: string }).type)
  expect(types).toEqual(
    [...readable, ...rest].map((each) => (JSON.parse(each) as { type: string }).type),
  )
  expect(logged).toHaveLength(broken.length)
  expect(JSON.stringify(logged)).not.toContain(FOREIGN)
})
