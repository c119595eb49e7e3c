import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { openDoor } from '../kit/applicants.ts'
import { createServer, type Answer, type Newcomer } from '../kit/newcomers.ts'
import { OWNER, paired } from '../kit/owners.ts'
import { jitteredStore, race } from '../kit/races.ts'

const put = (by: Newcomer, body: object): Promise<Answer> =>
  by.call('/auth/admission', { method: 'PUT', body })

const conflict = { status: 409, body: { code: 'admission_changed' } }

describe('APP-01 a change of mode', () => {
  test('APP-01 names the version that was read; any other is 409 and changes nothing', async () => {
    const { server, owner } = await openDoor('approval')
    const read = (await owner.call('/auth/admission')).body
    const first = await put(owner, { mode: 'closed', version: read.version })
    expect(first).toMatchObject({ status: 200, body: { mode: 'closed', stored: null } })
    expect(first.body.version).not.toBe(read.version)
    expect((await owner.call('/auth/admission')).body).toEqual(first.body)
    const events = await server.pair.audit.read()
    for (const version of [read.version, null, '', 'x'])
      for (const mode of ['code', 'closed'])
        expect(await put(owner, { mode, version })).toMatchObject(conflict)
    expect((await owner.call('/auth/admission')).body).toEqual(first.body)
    expect(await server.pair.audit.read()).toEqual(events)
  })

  test('APP-01 without a version is none; nothing set yet has the version null', async () => {
    const server = createServer()
    const owner = await paired(server, OWNER)
    for (const body of [{ mode: 'closed' }, { mode: 'closed', version: 1 }, { version: null }])
      expect(await put(owner, body)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      })
    const fresh = createServer({ admission: 'approval' })
    expect(await fresh.pair.admission.set('closed', { version: null })).toMatchObject({
      mode: 'closed',
    })
    await expect(fresh.pair.admission.set('code', { version: null })).rejects.toMatchObject({
      code: 'admission_changed',
    })
  })

  test('APP-01 to what it is already is no change', async () => {
    const { server, owner } = await openDoor('approval')
    const before = await server.pair.admission.get()
    const events = await server.pair.audit.read()
    expect((await put(owner, { mode: 'approval', version: before.version })).body).toEqual(before)
    await server.pair.admission.set('approval')
    expect(await server.pair.admission.get()).toEqual(before)
    expect(await server.pair.audit.read()).toEqual(events)
  })

  test('APP-01 never has a version come back', async () => {
    const { server } = await openDoor('approval')
    const versions = new Set<unknown>()
    for (let times = 0; times < 20; times++)
      versions.add((await server.pair.admission.set(times % 2 ? 'approval' : 'code')).version)
    expect(versions.size).toBe(20)
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'APP-01 of 40 who read the same one changes it (memory, round %i)',
    async (round) => {
      const { server, owner } = await openDoor('approval', {
        store: jitteredStore(memoryStore(), round),
      })
      const { version } = await server.pair.admission.get()
      const modes = ['closed', 'code', 'code+approval'] as const
      const answers = await race((rival) => put(owner, { mode: modes[rival % 3], version }))
      const winners = answers.filter(({ status }) => status === 200)
      expect(winners).toHaveLength(1)
      for (const loser of answers) if (loser.status !== 200) expect(loser).toMatchObject(conflict)
      expect(await server.pair.admission.get()).toEqual(winners[0]!.body)
      const { items } = await server.pair.audit.read()
      const changes = items.filter(({ type }) => type === 'admission.changed')
      expect(changes.map(({ detail }) => detail!.to)).toEqual(['approval', winners[0]!.body.mode])
    },
  )

  test('APP-01 of 40 who do not ask what stands there each is told, and the last one stays (memory)', async () => {
    const { server } = await openDoor('approval', { store: jitteredStore(memoryStore(), 5) })
    const modes = ['closed', 'code', 'approval', 'code+approval'] as const
    await race((rival) => server.pair.admission.set(modes[rival % 4]!))
    const { items } = await server.pair.audit.read({ limit: 1_000 })
    const changes = items.flatMap(({ type, detail }) =>
      type === 'admission.changed' ? [[detail!.from, detail!.to]] : [],
    )
    // each begins where the one before ended
    for (const [at, [from, to]] of changes.entries()) {
      if (at > 0) expect(from).toBe(changes[at - 1]![1])
      expect(to).not.toBe(from)
    }
    expect((await server.pair.admission.get()).mode).toBe(changes.at(-1)![1])
  })

  test('APP-01 to something that is no mode is refused in process too', async () => {
    const { pair } = createServer()
    for (const mode of ['open', '', 'CODE', null, undefined, 1, ['code'], 'toString']) {
      const wrong = mode as 'code'
      await expect(pair.admission.set(wrong)).rejects.toMatchObject({ code: 'invalid_request' })
      await expect(pair.admission.recover(wrong)).rejects.toMatchObject({ code: 'invalid_request' })
    }
    expect(await pair.admission.get()).toMatchObject({ mode: 'code', version: null })
  })
})
