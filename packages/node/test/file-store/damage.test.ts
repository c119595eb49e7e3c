import { readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { damagedCounts, damagedFiles } from './damaged-files.ts'
import { diskWith } from './disk.ts'
import { createPatient, like, type Patient } from './patient.ts'
import { openOn, openStore } from './open.ts'
import { put, T0, valueOf } from './writes.ts'

let file: Patient['file']
let store: Patient['store']
let good: Patient['good']
let kept: Patient['kept']
let expectDenied: Patient['expectDenied']
beforeEach(async () => {
  ;({ file, store, good, kept, expectDenied } = await createPatient())
})

const damagedBy = (why: string): object => ({
  code: 'store_unavailable',
  message: like(`${file} is not as it was written: ${why}`),
  hint: like('every device pairs again'),
})

describe('STO-04 nobody is trusted by a file that', () => {
  test.each(damagedFiles)(
    '%s: it is refused, kept aside once, and good again when it is mended',
    async (_, why, make) => {
      writeFileSync(file, make(good))
      const bytes = readFileSync(file)
      await expectDenied(damagedBy(why))
      const [aside] = kept()
      expect(kept()).toHaveLength(1)
      expect(readFileSync(join(dirname(file), aside!)).equals(bytes)).toBe(true)
      expect(statSync(join(dirname(file), aside!)).mode & 0o777).toBe(0o600)
      // nothing is put in its place: a restart begins no empty store
      expect(readFileSync(file).equals(bytes)).toBe(true)
      writeFileSync(file, good)
      for (const one of [store, openStore(file)])
        expect(await valueOf(one, ['owner'])).toBe('{"name":"a"}')
      expect(await store.increment(['c'], 1, T0)).toBe(4)
    },
  )
})

describe('LIM-05 nothing is counted by a file of counters that', () => {
  test.each(damagedCounts)(
    '%s: it is refused, and kept aside; what is no count goes on',
    async (_, why, make) => {
      const counters = `${file}.counters`
      const whole = readFileSync(counters, 'utf8')
      writeFileSync(counters, make(whole))
      const refusal = {
        code: 'store_unavailable',
        message: like(`${counters} is not as it was written: ${why}`),
        hint: like('limits and locks begin anew'),
      }
      for (const one of [store, openStore(file)]) {
        await expect(one.increment(['c'], 1, T0)).rejects.toMatchObject(refusal)
        await expect(one.increment(['c'], 0, T0)).rejects.toMatchObject(refusal)
        expect(await valueOf(one, ['owner'])).toBe('{"name":"a"}')
      }
      expect(kept()).toEqual([like('pair.json.counters.damaged-')])
      writeFileSync(counters, whole)
      expect(await store.increment(['c'], 1, T0)).toBe(4)
    },
  )
})

test('STO-04 what is due of the records is forgotten where the counters are damaged, and that is told last', async () => {
  await store.commit(
    [],
    Array.from({ length: 5 }, (_, n) => put(['due', String(n)], 'x', T0)),
  )
  writeFileSync(`${file}.counters`, 'x')
  const purge = (): Promise<number> => store.purge(T0 + 1, 2)
  // the owner is due too
  for (let n = 0; n < 3; n++) expect(await purge()).toBe(2)
  expect(await store.list([], { limit: 9 })).toEqual([])
  await expect(purge()).rejects.toThrow('it is not JSON')
})

test.each([
  ['while it is read', 'readFile file', (text: string) => text],
  ['and makes no sense', 'close file', () => 'x'],
])('STO-04 a file that is changed for ever (%s) is refused', async (_, when, change) => {
  let now = 1_900_000_000
  const disk = diskWith(async (step, real) => {
    const result = await real()
    if (step === when) {
      writeFileSync(file, change(good))
      utimesSync(file, (now += 1), now)
    }
    return result
  })
  writeFileSync(file, change(good))
  const refusal = { code: 'store_unavailable', hint: like('End what edits it') }
  await expect(openOn(disk, file).read(['owner'])).rejects.toMatchObject(refusal)
  await expect(openOn(disk, file).commit([], [put(['a'])])).rejects.toMatchObject({
    ...refusal,
    undone: true,
  })
})

test('STO-04 a file cut off at any length is refused', async () => {
  for (let length = good.length - 2; length >= 0; length -= 97) {
    truncateSync(file, length)
    const fresh = openStore(file)
    await expect(fresh.read(['owner'])).rejects.toMatchObject({ code: 'store_unavailable' })
    writeFileSync(file, good)
  }
})

test('STO-04 what is kept aside has the date of the damage in its name, and is told', async () => {
  writeFileSync(file, 'x')
  utimesSync(file, 1_700_000_000.25, 1_700_000_000.25)
  const error: unknown = await store.read(['owner']).catch((thrown: unknown) => thrown)
  expect(kept()).toEqual([like('pair.json.damaged-2023-11-14T22-13-20.250Z-')])
  expect(String(error)).toContain(join(dirname(file), kept()[0]!))
})

test.each([-1e15, 9e15])('STO-04 damage of the instant %i is kept aside too', async (seconds) => {
  writeFileSync(file, 'x')
  const disk = diskWith(async (step, real) => {
    const result = await real()
    // as a disk may say that keeps times of 64 bits
    if (step === 'stat file' || step === 'lstat file')
      return Object.assign(result as object, { mtimeNs: BigInt(seconds) * 1_000_000_000n })
    return result
  })
  await expect(openOn(disk, file).read(['owner'])).rejects.toMatchObject(
    damagedBy('it is not JSON'),
  )
  expect(kept()).toHaveLength(1)
})

test('STO-04 where the copy can not be kept the file is refused all the same', async () => {
  writeFileSync(file, 'x')
  const disk = diskWith(async (step, real) => {
    if (step === 'copyFile file') throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    return await real()
  })
  await expect(openOn(disk, file).read(['owner'])).rejects.toMatchObject(
    damagedBy('it is not JSON'),
  )
})
