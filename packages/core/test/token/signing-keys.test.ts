import { describe, expect, test } from 'vitest'
import { createRecords } from '../../src/records.ts'
import { checkOptions } from '../../src/options.ts'
import type { PairOptions } from '../../src/pair-options.ts'
import type { ServicePorts } from '../../src/service-ports.ts'
import type { ChangeFeed } from '../../src/storage/change-feed.ts'
import { createFreshCache } from '../../src/storage/fresh-cache.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { FIRST_GENERATION, type KeyRing } from '../../src/token/key-ring.ts'
import { createKeyRingRecords, type KeyRingRecords } from '../../src/token/key-ring-records.ts'
import type { Keys } from '../../src/token/keys-crypto.ts'
import { createKeysService } from '../../src/token/keys-service.ts'
import {
  createSigningKeysService,
  type SigningKeysService,
} from '../../src/token/signing-keys-service.ts'
import { JOURNAL } from '../../src/audit/audit-records.ts'
import type { Key } from '../../src/ports/store.ts'
import { DAY, MINUTE } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { openCounted, type Counted } from '../kit/counted.ts'

const JWK = { kty: 'OKP', kid: 'one' }

function open(options: Partial<PairOptions> = {}): { at: Counted; service: SigningKeysService } {
  const at = openCounted()
  const settings = checkOptions({
    secret: 'a secret of this test, long enough for a key',
    store: memoryStore(),
    ...options,
  })
  let drawn = 0
  const service = createSigningKeysService({
    space: at.space,
    records: createRecords(at.space, settings),
    clock: at.clock,
    random: (length: number) => new Uint8Array(length).fill(++drawn),
    settings,
    keys: async () => ({ instance: 'home', publicKeys: async () => [JWK] }) as unknown as Keys,
    instance: async () => 'home',
    requireSteadyClock: async () => {},
  } as unknown as ServicePorts)
  return { at, service }
}

describe('signing keys', () => {
  test('SES-11 are told with the name of the server', async () => {
    const { service } = open()
    expect(await service.issuer()).toBe('home')
    expect(await service.publicKeys()).toEqual({ keys: [JWK] })
  })

  test('SES-11 of two who rotate at once one makes a generation, and both are told of it', async () => {
    const { service, at } = open()
    const [one, two] = await Promise.all([service.rotate(), service.rotate()])
    expect(one).toEqual(two)
    expect(one.map(({ signing }) => signing)).toEqual([true, false])
    expect(await service.list()).toEqual(one)
    expect(await at.stored(['key-ring'])).toMatchObject({ kind: 'key-ring' })
    // whoever comes while that is under way makes nothing, and tells nothing
    expect(await service.rotate()).toEqual(one)
    const { items } = await at.space.tail(JOURNAL, null, 10)
    expect(items.map(({ value }) => JSON.parse(value) as unknown)).toMatchObject([
      { type: 'keys.rotated', at: NOON, detail: { keyId: one[1]!.id, old: 'live-out' } },
    ])
  })

  test('SES-11 count for as long as what can not be renewed lives: a day, or as long as tokens do', async () => {
    const until = async (options: Partial<PairOptions>): Promise<unknown> =>
      (await open(options).service.rotate())[0]?.acceptUntil
    expect(await until({})).toBe(NOON + MINUTE + DAY)
    expect(await until({ session: { accessMs: 2 * DAY } })).toBe(NOON + MINUTE + 2 * DAY)
    expect(await until({ keyless: 'full' })).toBe(NOON + MINUTE + 400 * DAY)
  })

  test('SES-11 are rotated in one of two ways, by nobody who does not stand', async () => {
    const { service } = open()
    await expect(service.rotate({ old: 'soon' as never })).rejects.toMatchObject({
      code: 'invalid_request',
      message: '`old` must be live-out or end.',
    })
    const by = { kind: 'session', sessionId: `ses_${'A'.repeat(22)}`, deviceId: 'dev_one' } as const
    await expect(service.rotate({}, by)).rejects.toMatchObject({ code: 'session_invalid' })
    expect(await service.list()).toHaveLength(1)
  })

  test('SES-11 are none where the ring can not be read, until it is made anew', async () => {
    const { service, at } = open()
    const ring = createKeyRingRecords(at.space).put({ generations: [] })
    const junk = { ...ring, record: { generations: 'none' } }
    await at.space.commit({ checks: [], writes: [junk], journal: [] })
    expect(await service.list()).toEqual([])
    // what can not be read has no generation that would live out
    expect(await service.rotate()).toMatchObject([{ acceptUntil: null }])
    expect(await service.rotate({ old: 'end' })).toMatchObject([{ signing: true }])
    expect(await service.list()).toHaveLength(1)
  })
})

describe('the keys of an instance', () => {
  function openKeys(ring: KeyRing | null): {
    keys(): Promise<Keys>
    reads(): number
    looking(): number
    heard(keys: Key[]): void
  } {
    let tell: (keys: readonly Key[] | null) => void = () => {}
    const feed = {
      overhear: (hear: typeof tell) => (tell = hear),
      isLive: () => true,
      keepLive: () => true,
    }
    const cache = createFreshCache<KeyRing>(feed as unknown as ChangeFeed, 1)
    let [reads, looking] = [0, 0]
    const service = createKeysService({
      deriver: async () => (found) => ({ codePeppers: found.generations }) as unknown as Keys,
      ring: { read: async () => (reads++, { ring }) } as unknown as KeyRingRecords,
      cache: {
        ...cache,
        begin: () => (looking++, cache.begin()),
        end: (look) => (looking--, cache.end(look)),
      },
      clock: () => 0,
    })
    return {
      keys: service,
      reads: () => reads,
      looking: () => looking,
      heard: (keys) => tell(keys),
    }
  }

  test('SES-11 are read once, and again when the ring changed', async () => {
    const at = openKeys({ generations: [FIRST_GENERATION] })
    for (let n = 0; n < 3; n++) expect((await at.keys()).codePeppers).toEqual([FIRST_GENERATION])
    expect([at.reads(), at.looking()]).toEqual([1, 0])
    at.heard([['session', 'ses_one', 'record']])
    await at.keys()
    expect(at.reads()).toBe(1)
    at.heard([['key-ring']])
    await at.keys()
    expect(at.reads()).toBe(2)
  })

  test('SES-11 are refused where none may sign, and nobody goes on looking', async () => {
    for (const ring of [null, { generations: [] }]) {
      const at = openKeys(ring)
      await expect(at.keys()).rejects.toMatchObject({
        code: 'store_unavailable',
        reason: 'the key ring can not be read, or holds no key that may sign',
      })
      expect(at.looking()).toBe(0)
    }
  })
})
