import { describe, expect, test } from 'vitest'
import type { ListAnswer, CodeWire } from '../../src/http/wire.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { dumpStore, wordsIn } from '../kit/dump.ts'
import { createServer, createStranger } from '../kit/newcomers.ts'
import { issue, OWNER, paired, typesTold } from '../kit/owners.ts'
import { jitteredStore, race } from '../kit/races.ts'

const DAY = 86_400_000

describe('the cap', () => {
  test('CODE-14 the 21st live code of an issuer ends the oldest, and the journal tells it', async () => {
    const server = createServer()
    const owner = await paired(server, OWNER)
    const operators = await server.pair.codes.issue()
    const codes = []
    for (let n = 0; n < 21; n++) codes.push(await issue(owner, { label: `${n}` }))
    const evicted = (await server.pair.audit.read({ limit: 1_000 })).items.filter(
      ({ type }) => type === 'code.evicted',
    )
    expect(evicted).toMatchObject([{ codeId: codes[0]!.code.id, actor: { kind: 'server' } }])
    expect((await createStranger(server).redeem(codes[0]!.typed)).status).toBe(401)
    const live = (await server.pair.codes.list()).items.map(({ id }) => id)
    expect(live.sort()).toEqual([operators, ...codes.slice(1)].map(({ code }) => code.id).sort())
    expect((await createStranger(server).redeem(codes[1]!.typed)).status).toBe(200)
    expect((await createStranger(server).redeem(operators.typed)).status).toBe(200)
  })

  test('CODE-14 used, revoked and expired codes don’t count against the cap', async () => {
    const server = createServer()
    const codes = []
    for (let n = 0; n < 20; n++)
      codes.push(await server.pair.codes.issue({ expiresInMs: n < 5 ? 30_000 : 600_000 }))
    server.clock.advance(30_000)
    for (const { code } of codes.slice(5, 10)) await server.pair.codes.revoke(code.id)
    for (const { typed } of codes.slice(10, 15)) await createStranger(server).redeem(typed)
    for (let n = 0; n < 15; n++) await server.pair.codes.issue()
    expect(await typesTold(server)).not.toContain('code.evicted')
    expect((await server.pair.codes.list()).items).toHaveLength(20)
    await server.pair.codes.issue()
    expect((await typesTold(server)).filter((type) => type === 'code.evicted')).toHaveLength(1)
  })

  test('CODE-14 of 40 issued at once by one issuer 20 are live and 20 are told as evicted', async () => {
    for (let round = 1; round <= 8; round++) {
      const server = createServer({ store: jitteredStore(memoryStore(), round) })
      await race(() => server.pair.codes.issue())
      expect((await server.pair.codes.list()).items).toHaveLength(20)
      const types = await typesTold(server)
      expect(types.filter((type) => type === 'code.issued')).toHaveLength(40)
      expect(types.filter((type) => type === 'code.evicted')).toHaveLength(20)
    }
  })
})

describe('the end', () => {
  test('CODE-14 sweeping tells each expired code once, and of used and revoked ones nothing more', async () => {
    const server = createServer()
    const [idle, half, used, revoked] = [
      await server.pair.codes.issue(),
      await server.pair.codes.issue({ uses: 2 }),
      await server.pair.codes.issue(),
      await server.pair.codes.issue(),
    ]
    await createStranger(server).redeem(half.typed)
    await createStranger(server).redeem(used.typed)
    await server.pair.codes.revoke(revoked.code.id)
    await server.pair.sweep()
    expect(await typesTold(server)).not.toContain('code.expired')
    server.clock.advance(600_000)
    await Promise.all(Array.from({ length: 8 }, () => server.pair.sweep()))
    await server.pair.sweep()
    const expired = (await server.pair.audit.read({ limit: 1_000 })).items.filter(
      ({ type }) => type === 'code.expired',
    )
    expect(expired.map(({ codeId }) => codeId).sort()).toEqual([idle.code.id, half.code.id].sort())
  })

  test('CODE-14 a day after their end nothing of codes is left in the store, and not before', async () => {
    const server = createServer()
    const owner = await paired(server, OWNER)
    const { code, typed } = await issue(owner, { uses: 2 })
    await createStranger(server).redeem(typed)
    await owner.call(`/auth/codes/${code.id}`, { method: 'DELETE' })
    for (let n = 0; n < 25; n++) await server.pair.codes.issue()
    const ofCodes = (words: string[]): string[] => words.filter((word) => word.startsWith('code'))
    server.clock.advance(600_000 + DAY)
    await server.pair.sweep()
    expect(ofCodes(wordsIn(await dumpStore(server.store)))).toEqual(['code', 'code-lookup'])
    server.clock.advance(1)
    await server.pair.sweep()
    expect(ofCodes(wordsIn(await dumpStore(server.store)))).toEqual([])
    expect((await createStranger(server).redeem(typed)).body.code).toBe('code_invalid')
  })

  test('CODE-14 lists of many codes come in pages with nothing twice and nothing missed', async () => {
    const server = createServer({ risk: { liveCodes: 120 } })
    const owners = await Promise.all(Array.from({ length: 6 }, () => paired(server, OWNER)))
    const ids: string[] = []
    for (const owner of owners) for (let n = 0; n < 20; n++) ids.push((await issue(owner)).code.id)
    for (const limit of [1, 7, 100]) {
      const seen: string[] = []
      let after: string | null = null
      do {
        const page: { items: { id: string }[]; next: string | null } = await server.pair.codes.list(
          after === null ? { limit } : { after, limit },
        )
        seen.push(...page.items.map(({ id }) => id))
        after = page.next
      } while (after !== null)
      expect(seen).toEqual(ids.toSorted())
    }
    const { items, next } = (await owners[0]!.call('/auth/codes')).as<ListAnswer<CodeWire>>()
    const rest = (await owners[0]!.call(`/auth/codes?after=${next}`)).as<ListAnswer<CodeWire>>()
    expect([...items, ...rest.items].map(({ id }) => id)).toEqual(ids.toSorted())
    expect((await owners[0]!.call('/auth/codes?after=junk')).status).toBe(400)
  })
})
