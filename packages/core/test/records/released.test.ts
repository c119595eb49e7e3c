import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { recordKinds } from '../../src/record-kinds.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { doorsOf, visit } from './doors.ts'
import { summaryOf, type Fixture } from './fixture.ts'
import { writeLetters } from './letters.ts'
import { replayInto } from './replay.ts'

const FOLDER = new URL('fixtures/', import.meta.url)
const releases = (await readdir(FOLDER)).sort()

async function fixtureOf(file: string): Promise<Fixture> {
  return JSON.parse(await readFile(new URL(file, FOLDER), 'utf8')) as Fixture
}

/** Of these there is one record, in one of its states. */
const ALONE = ['admission.mode', 'owner.state']
/** It takes twenty codes to press one out, and no reason of a mark is ever asked for; neither time nor who wants in decides. */
const NEVER: Readonly<Record<string, readonly string[]>> = {
  'revocation.reason': ['evicted'],
  'approval.decidedBy.kind': ['newcomer', 'server'],
}

test('SEC-16 the newest fixture holds every kind of record in each state', async () => {
  const { rows } = await fixtureOf(releases.at(-1)!)
  const held = rows.map(
    ({ value }) => JSON.parse(value) as { kind: string; record: Record<string, unknown> },
  )
  for (const { kind, fields } of recordKinds()) {
    const records = held.filter((row) => row.kind === kind).map(({ record }) => record)
    expect(records, kind).not.toEqual([])
    for (const { path, values } of fields) {
      const at = (record: unknown): unknown =>
        path.split('.').reduce((part, name) => (part as Record<string, unknown>)?.[name], record)
      const words = new Set(records.map(at))
      const name = `${kind}.${path}`
      if (ALONE.includes(name)) expect(values, name).toContain([...words][0])
      for (const word of values ?? []) {
        if (ALONE.includes(name) || NEVER[name]?.includes(word)) continue
        expect([...words], name).toContain(word)
      }
    }
  }
})

describe.each(releases)('a store that release %s wrote', (file) => {
  test('SEC-16 gives everybody the same answers today: in is in, out is out, a code is redeemed once', async () => {
    const { story, answers } = await (async () => {
      const { answers: told, ...rest } = await fixtureOf(file)
      return { story: rest, answers: told }
    })()
    const doors = doorsOf(story, await writeLetters(story))
    const logged: unknown[] = []
    // Of what is amiss: that an agent still has the shared key is as the story goes.
    const log = (...line: unknown[]): void => {
      if (!String(line[0]).includes('shared key, which is deprecated')) logged.push(line)
    }
    const store = await replayInto(memoryStore({ clock: () => story.at }), story)
    const seen = await visit(story, doors, store, { debug() {}, info() {}, warn: log, error: log })
    expect(summaryOf(seen)).toEqual(answers)
    expect(logged).toEqual([])
  })
})
