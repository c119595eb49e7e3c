// A process on a small disk of its own: fills it with entries, looks what is there, makes room, and looks again.
import { rmSync } from 'node:fs'
import type { OpenStore } from '@pair/testkit/torture'
import { audit, enter } from './books.ts'

const [module = '', setting = '', spare = ''] = process.argv.slice(2)
const { openStore } = (await import(module)) as { openStore: OpenStore }
const open = async () => openStore(JSON.parse(setting) as never)

const ENTRY_BYTES = 8_000
const REFUSALS = 5
/** More than any disk has room for. */
const ENTRIES = 1_000

const { store, close } = await open()
const done: number[] = []
let refused = 0
let isFull = false
await enter(store, 'old', 0)
for (let entry = 0; refused < REFUSALS && entry < ENTRIES; entry++)
  try {
    await enter(store, 'new', entry, ENTRY_BYTES)
    done.push(entry)
  } catch (error) {
    refused++
    isFull ||= /ENOSPC|full|disk/i.test(String(error))
  }
const faults = isFull ? [] : ['nobody said that the disk is full']
faults.push(...(await audit(store, 'old', [0])), ...(await audit(store, 'new', done)))
rmSync(spare)
await enter(store, 'room', 0, ENTRY_BYTES)
await close()
const again = await open()
faults.push(
  ...(await audit(again.store, 'old', [0])),
  ...(await audit(again.store, 'new', done)),
  ...(await audit(again.store, 'room', [0])),
)
await enter(again.store, 'room', 1, ENTRY_BYTES)
await again.close()
console.log(JSON.stringify({ done: done.length, refused, faults }))
