import { expect, test } from 'vitest'
import { fixedClock, fixedRandom } from '@pair/testkit/app'
import { drawTypedCode } from '../../src/bootstrap/typed-code.ts'
import type { RandomSource } from '../../src/ports/runtime.ts'
import { createApplicant, seen } from '../kit/applicants.ts'
import { NOON } from '../kit/clock.ts'
import { createDeviceKey, type DeviceKey } from '../kit/device.ts'
import { dumpStore, dumpText } from '../kit/dump.ts'
import { createServer, type Answer } from '../kit/newcomers.ts'
import { paired } from '../kit/owners.ts'

/** The same bytes in each run, but for the one call that is named: of that, other symbols and as many. */
function randomBut(at: number | null, calls: Uint8Array[]): RandomSource {
  const random = fixedRandom(7)
  return (length) => {
    const bytes = random(length)
    const drawn =
      calls.length === at ? bytes.map((byte) => (byte < 248 ? (byte + 1) % 248 : byte)) : bytes
    calls.push(drawn)
    return drawn
  }
}

interface Run {
  typed: string
  calls: Uint8Array[]
  /** All that somebody who may read gets to see, to the letter. */
  told: string[]
  dump: string
}

const strip = ({ status, text, headers }: Answer): string =>
  JSON.stringify([status, text, [...headers].sort()])

/** One day at a door: codes that live, wait, are let in and turned away, and all that `access:read` can read of it. */
async function run(keys: { reader: DeviceKey; phone: DeviceKey }, at: number | null): Promise<Run> {
  const calls: Uint8Array[] = []
  const server = createServer({ random: randomBut(at, calls), clock: fixedClock(NOON) })
  const { pair } = server
  const told: string[] = []
  pair.on('refused', (refusal) => void told.push(JSON.stringify(refusal)))
  const { typed: way } = await pair.codes.issue({ scopes: ['access:read'] })
  const reader = await createApplicant(server, { key: keys.reader })
  expect((await reader.redeem(way)).status).toBe(200)
  await pair.admission.set('code+approval')
  const { typed } = await pair.codes.issue({ uses: 3, label: 'A code' })
  const read = async (): Promise<void> => {
    for (const path of ['access', 'approvals', 'codes', 'devices', 'sessions', 'admission'])
      told.push(strip(await reader.call(`/auth/${path}`)))
    told.push(JSON.stringify(await pair.audit.read({ limit: 1_000 })))
  }
  await read()
  const phone = await createApplicant(server, { key: keys.phone })
  const pending = await phone.redeem(typed)
  expect(pending.status).toBe(202)
  told.push(strip(pending))
  await read()
  const { id, digest } = await seen(server, phone)
  await pair.approvals.approve(id, { digest })
  await read()
  await phone.collect()
  await read()
  told.push(strip(await server.call('/auth/redeem', { body: { code: '222-222-222' } })))
  return { typed, calls, told, dump: dumpText(await dumpStore(server.store)) }
}

test('SEC-23 nothing that can be read depends on the text of a live typed code: two runs that differ in it alone are alike to the letter', async () => {
  const keys = { reader: await createDeviceKey(), phone: await createDeviceKey() }
  const one = await run(keys, null)
  const again = await run(keys, null)
  // the day is the same each time, or its being the same would say nothing
  expect(again.told).toEqual(one.told)
  const place = one.calls.findIndex((_, at) => {
    const from = one.calls.slice(at).values()
    return drawTypedCode(() => from.next().value ?? new Uint8Array(9)) === one.typed
  })
  expect(place).toBeGreaterThan(0)
  const other = await run(keys, place)
  expect(other.typed).not.toBe(one.typed)
  expect(other.calls.filter((bytes, at) => String(bytes) !== String(one.calls[at]))).toHaveLength(1)
  expect(other.told).toEqual(one.told)
  expect(one.told.length).toBeGreaterThan(25)
  expect(one.told.join('')).toContain('"digest":"')
  // its key alone is in the store, as it has to be
  expect(other.dump).not.toBe(one.dump)
})

test('SEC-23 the digest is of the code’s id, which is drawn apart from its secret', async () => {
  const server = createServer()
  await paired(server, ['notes:read'])
  await server.pair.admission.set('code+approval')
  const { typed, code } = await server.pair.codes.issue()
  const phone = await createApplicant(server)
  await phone.redeem(typed)
  const item = await seen(server, phone)
  expect(item.codeId).toBe(code.id)
  const shown = JSON.stringify(item) + phone.pending.proof + phone.pending.claim
  for (const text of [typed, typed.replaceAll('-', ''), typed.toLowerCase()])
    expect(shown).not.toContain(text)
})
