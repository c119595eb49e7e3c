import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MintAnswer } from '@pair/core/relay'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Ask, Asked, Brought } from './relay/client.ts'
import type { Order } from './relay/environment.ts'
import {
  endAll,
  startClient,
  startEnvironment,
  startRelay,
  type Child,
  type EnvironmentWish,
} from './relay/processes.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

type Asking = Partial<Extract<Ask, { do: 'ask' }>>

/** A relay, an environment and its clients, each a process. */
interface Town {
  environment: Child<Order, string>
  /** Its audience. */
  home: string
  wish: EnvironmentWish
  /** A client asks by the relay, which may lie. */
  ask(who: string, more?: Asking): Promise<Asked>
  bring(who: string, way: MintAnswer | null): Promise<Brought>
}

function createKey(): { privateKey: object; publicKey: object } {
  const { kty, crv, x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return { privateKey: { kty, crv, x, d }, publicKey: { kty, crv, x } }
}

let folder: string
let relay: Child<never, never>
let client: Child<Ask, Asked | Brought>
const key = createKey()

async function openTown(admission: 'code' | 'approval'): Promise<Town> {
  const relays = [{ id: 'hub', publicKey: key.publicKey, authorize: true }]
  const file = join(folder, `${admission}.db`)
  const wish: EnvironmentWish = { file, port: 0, relays, admission }
  const environment = await startEnvironment(wish)
  const home = `http://127.0.0.1:${environment.port}/auth`
  const at = { environment: home, relay: relay.port }
  return {
    environment,
    home,
    wish: { ...wish, port: environment.port },
    ask: async (who, more = {}) => (await client.ask({ do: 'ask', who, ...at, ...more })) as Asked,
    bring: async (who, way) =>
      (await client.ask({ do: 'bring', who, environment: home, way: way! })) as Brought,
  }
}

let coded: Town
let decided: Town
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pair-relay-'))
  ;[relay, client] = await Promise.all([startRelay(key.privateKey), startClient()])
  ;[coded, decided] = await Promise.all([openTown('code'), openTown('approval')])
})
afterAll(async () => {
  endAll()
  await rm(folder, { recursive: true, force: true })
})

const REFUSED = [401, 'relay_refused', null]
const toldOf = ({ status, problem, way }: Asked): unknown[] => [status, problem, way]

describe('a relay, an environment and a client, three processes over HTTP', () => {
  test('APP-18: a client gets a code by the relay and redeems it; nobody else can', async () => {
    const asked = await coded.ask('ann')
    expect([asked.status, asked.way?.status]).toEqual([200, 'authorized'])
    expect((await coded.bring('thief', asked.way)).status).toBe(401)
    const brought = await coded.bring('ann', asked.way)
    expect(brought).toEqual({ status: 200, thumbprint: asked.way?.thumbprint })
    expect((await coded.bring('thief', asked.way)).status).toBe(401)
  })

  test('APP-18: a client waits for a person by the relay, is approved and collects; nobody else can', async () => {
    const { way } = await decided.ask('bob')
    if (way?.status !== 'pending') throw new Error('not pending')
    expect((await decided.bring('bob', way)).status).toBe(202)
    expect(await decided.environment.ask('approve')).toBe(way.approval.matchCode)
    expect((await decided.bring('thief', way)).status).toBe(401)
    expect(await decided.bring('bob', way)).toEqual({ status: 200, thumbprint: way.thumbprint })
  })

  test('APP-18: whatever the relay says otherwise than the client is refused, and makes nothing', async () => {
    const first = await coded.ask('cat')
    const [, body = ''] = first.request.split('.')
    const { jti } = JSON.parse(Buffer.from(body, 'base64url').toString()) as { jti: string }
    const { device } = (await coded.ask('dan')).wish
    const { home } = coded
    const lies: Record<string, Asking> = {
      'a tampered requestedAt': { lie: { carried: { requestedAt: first.wish.requestedAt - 60 } } },
      'a replayed request': { lie: { replay: first.request } },
      'a replayed jti': { lie: { jti } },
      'a replayed nonce': { wish: { nonce: first.wish.nonce } },
      'a nonce of its own': { lie: { carried: { nonce: 'A'.repeat(22) } } },
      'widened scopes': { lie: { carried: { scopes: ['notes:read', 'notes:write'] } } },
      'the key of another client': { lie: { carried: { device } } },
      'another audience': { lie: { carried: { audience: 'http://127.0.0.1:1/auth' }, to: home } },
      'what is for another environment': { lie: { to: decided.home } },
      'HS256 by its public key': { lie: { alg: 'HS256' } },
      'alg none': { lie: { alg: 'none' } },
      'ES256 by any key': { lie: { alg: 'ES256' } },
    }
    const count = async (): Promise<string[]> =>
      Promise.all([coded, decided].map(({ environment }) => environment.ask('count')))
    const before = await count()
    for (const [name, lie] of Object.entries(lies))
      expect(toldOf(await coded.ask('cat', lie)), name).toEqual(REFUSED)
    expect(await count()).toEqual(before)
    expect((await coded.bring('cat', first.way)).status).toBe(200)
    expect((await coded.ask('cat')).way?.status).toBe('authorized')
  })

  test('APP-18: another relay’s key is none for this environment, whatever it says', async () => {
    const rogue = await startRelay(createKey().privateKey)
    expect(toldOf(await coded.ask('eve', { relay: rogue.port }))).toEqual(REFUSED)
  })

  test('APP-18: an answer that comes late is not believed', async () => {
    expect((await coded.ask('fay', { lateMs: 297_000 })).way?.status).toBe('authorized')
    const late = await coded.ask('fay', { lateMs: 301_000 })
    expect([late.status, late.way]).toEqual([200, null])
  })

  test('APP-18: of two processes on one file the one refuses what the other took', async () => {
    const first = await coded.ask('gus')
    const twin = await startEnvironment({ ...coded.wish, port: 0, audience: coded.home })
    const to = `http://127.0.0.1:${twin.port}/auth`
    expect(toldOf(await coded.ask('gus', { lie: { replay: first.request, to } }))).toEqual(REFUSED)
    const next = await coded.ask('gus', { lie: { to } })
    expect(next.way?.status).toBe('authorized')
    expect(toldOf(await coded.ask('gus', { lie: { replay: next.request } }))).toEqual(REFUSED)
    await twin.kill()
  })
})

describe.each(['code', 'approval'] as const)(
  'what goes wrong under way, in the mode %s',
  (mode) => {
    const townOf = (): Town => (mode === 'code' ? coded : decided)

    test.each(['fail', 'lose'] as const)(
      'APP-18: a commit that comes to nothing, or whose answer is lost, burns nothing (%s)',
      async (order) => {
        const town = townOf()
        const who = `${mode} ${order}`
        await town.environment.ask(order)
        const asked = await town.ask(who)
        const again =
          asked.status === 200 ? asked : await town.ask(who, { lie: { replay: asked.request } })
        expect(again.status).toBe(200)
        expect(toldOf(await town.ask(who, { lie: { replay: asked.request } }))).toEqual(REFUSED)
      },
    )

    test('APP-18: killed before its commit nothing is used up; killed behind it, nothing is given twice', async () => {
      const town = townOf()
      const found = Number(await town.environment.ask('count'))
      await town.environment.ask('die before')
      const before = await town.ask('ida')
      expect(before.status).toBe(0)
      await town.environment.gone
      let revived = await startEnvironment(town.wish)
      expect(await revived.ask('count')).toBe(String(found))
      expect((await town.ask('ida', { lie: { replay: before.request } })).status).toBe(200)
      expect(await revived.ask('count')).toBe(String(found + 1))

      await revived.ask('die behind')
      const behind = await town.ask('jon')
      expect(behind.status).toBe(0)
      await revived.gone
      revived = await startEnvironment(town.wish)
      // It was made, and nobody heard of it: its request is spent, and the client asks anew.
      expect(await revived.ask('count')).toBe(String(found + 2))
      expect(toldOf(await town.ask('jon', { lie: { replay: behind.request } }))).toEqual(REFUSED)
      const { way } = await town.ask('jon')
      expect(way?.status).toBe(mode === 'code' ? 'authorized' : 'pending')
      expect((await town.bring('jon', way)).status).toBe(mode === 'code' ? 200 : 202)
    })
  },
)
