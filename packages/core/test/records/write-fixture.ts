// Makes the fixture of a release: run it once before the release, format the file, and keep it for good.
// node --conditions=@pair/source packages/core/test/records/write-fixture.ts 0.2
import { writeFile } from 'node:fs/promises'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { doorsOf, visit } from './doors.ts'
import { summaryOf, type Fixture } from './fixture.ts'
import { writeLetters } from './letters.ts'
import { replayInto } from './replay.ts'
import { tellStory } from './story.ts'

const [release = ''] = process.argv.slice(2)
if (!/^\d+\.\d+$/.test(release)) throw new Error('Name the release: write-fixture.ts 0.2')
const story = await tellStory()
const doors = doorsOf(story, await writeLetters(story))
const store = await replayInto(memoryStore({ clock: () => story.at }), story)
const fixture: Fixture = { ...story, answers: summaryOf(await visit(story, doors, store)) }
const file = new URL(`fixtures/${release}.json`, import.meta.url)
await writeFile(file, `${JSON.stringify(fixture, null, 1)}\n`, { flag: 'wx' })
