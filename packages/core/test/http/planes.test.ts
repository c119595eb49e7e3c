import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createApplicant, settle, shown, type Applicant } from '../kit/applicants.ts'
import { createDeviceKey, type DeviceKey } from '../kit/device.ts'
import { createServer, type LoggedServer } from '../kit/newcomers.ts'
import type { Need } from '../../src/pair.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { SCREENS, sealedTicket, tokenOf, viewOf, WALL } from '../kit/screens.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor } from '../kit/visitor.ts'

/** A server with one of each kind of credential alive. Each is made anew, as some die by their use. */
interface World {
  server: LoggedServer
  key: DeviceKey
  cookieName: string
  /** Approved, and not collected: by its key, and by its cookie. */
  keyed: Applicant
  keyless: Applicant
  kinds: Record<string, string>
}

async function createWorld(): Promise<World> {
  const server = createServer({ keyless: 'full', secret: keptSecrets(), resources: SCREENS })
  const key = await createDeviceKey()
  const keyed = await pairVisitor(server, { key })
  const keyless = await pairVisitor(server)
  const bearer = await pairVisitor(server, { transport: 'bearer' })
  const dpopKey = await createDeviceKey()
  const dpop = await pairVisitor(server, { key: dpopKey, transport: 'dpop' })
  const issued = await server.pair.codes.issue({ origin: ORIGIN })
  await server.pair.admission.set('approval')
  const [one, other] = [await createApplicant(server), await createApplicant(server, { key: null })]
  for (const applicant of [one, other]) {
    await applicant.ask()
    await settle(server, 'approve', applicant)
  }
  const owner = await server.pair.ownerSecret({ origin: ORIGIN })
  return {
    server,
    keyed: one,
    keyless: other,
    // Proofs beside a token have to be of the key that the token is bound to.
    key: dpopKey,
    cookieName: [...keyed.jar.keys()][0]!,
    kinds: {
      'keyed cookie': keyed.cookie(),
      'keyless cookie': keyless.cookie(),
      'bearer token': bearer.accessToken!,
      'dpop token': dpop.accessToken!,
      'refresh token': bearer.refreshToken!,
      'socket ticket': await keyless.ticket('socket'),
      'stream ticket': await keyless.ticket('stream'),
      'resource token': await tokenOf(bearer, WALL, 'control'),
      'resource token of a key': await tokenOf(dpop, WALL, 'control'),
      'token of another resource': await tokenOf(bearer, 'camera:1', 'view'),
      'socket ticket of a resource': await sealedTicket(keyless, WALL, 'control'),
      'stream ticket of a resource': await sealedTicket(keyless, WALL, 'control', 'stream'),
      'DPoP proof': await key.prove({ htm: 'GET', htu: `${ORIGIN}/app`, at: server.clock() }),
      'link code': new URL(issued.link).hash.slice('#code='.length),
      'typed code': issued.typed,
      'session id': keyed.session.id,
      'device id': keyed.session.device.id,
      'key thumbprint': key.thumbprint,
      'a cookie, name and all': keyed.cookieHeader(),
      'claim of a key': one.pending.claim,
      'claim without a key': other.pending.claim,
      'cookie of a claim': [...other.jar.values()][0]!,
      'cookie of a claim, name and all': [...other.jar].map((both) => both.join('=')).join(),
      'proof of waiting': one.pending.proof,
      'approval id': one.pending.approval.id,
      'match code': one.pending.approval.matchCode,
      digest: (await shown(server)).find(({ id }) => id === one.pending.approval.id)!.digest,
      'secret of the owner': owner!.secret,
    },
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** The same planes where a resource is needed, which an admin may have in every mode. */
const RESOURCE_PLANES: Record<string, (world: World, text: string) => Promise<boolean>> = {
  'cookie at a resource': ({ server, cookieName }, text) =>
    enters(server, { cookie: `${cookieName}=${text}` }, '', viewOf(WALL)),
  'Authorization: Bearer at a resource': ({ server }, text) =>
    enters(server, { authorization: `Bearer ${text}` }, '', viewOf(WALL)),
  'Authorization: DPoP with a right proof at a resource': async ({ server, key }, text) => {
    const at = { htm: 'GET', htu: `${ORIGIN}/app`, at: server.clock(), token: text }
    const headers = { authorization: `DPoP ${text}`, dpop: await key.prove(at) }
    return enters(server, headers, '', viewOf(WALL))
  },
  '?ticket= on a page of a resource': ({ server }, text) =>
    enters(server, {}, `?ticket=${encodeURIComponent(text)}`, viewOf(WALL)),
  '?ticket= on a socket of a resource': async ({ server }, text) =>
    !(
      (await server.pair.openSocket(
        app(`?ticket=${encodeURIComponent(text)}`),
        undefined,
        viewOf(WALL),
      )) instanceof Response
    ),
}

/** Where a text may be presented, and whether it got in there. */
const PLANES: typeof RESOURCE_PLANES = {
  ...RESOURCE_PLANES,
  cookie: ({ server, cookieName }, text) => enters(server, { cookie: `${cookieName}=${text}` }),
  'Authorization: Bearer': ({ server }, text) =>
    enters(server, { authorization: `Bearer ${text}` }),
  'Authorization: DPoP with a right proof': async ({ server, key }, text) =>
    enters(server, {
      authorization: `DPoP ${text}`,
      dpop: await key.prove({ htm: 'GET', htu: `${ORIGIN}/app`, at: server.clock(), token: text }),
    }),
  'Authorization: DPoP alone': ({ server }, text) =>
    enters(server, { authorization: `DPoP ${text}` }),
  'Authorization: Basic': ({ server }, text) => enters(server, { authorization: `Basic ${text}` }),
  'Authorization: the text': ({ server }, text) => enters(server, { authorization: text }),
  'DPoP header alone': ({ server }, text) => enters(server, { dpop: text }),
  '?ticket= on a page': ({ server }, text) =>
    enters(server, {}, `?ticket=${encodeURIComponent(text)}`),
  '?ticket= on a socket': async ({ server }, text) =>
    !(
      (await server.pair.openSocket(
        app(`?ticket=${encodeURIComponent(text)}`),
        undefined,
        {},
      )) instanceof Response
    ),
  '?access_token=': ({ server }, text) =>
    enters(server, {}, `?access_token=${encodeURIComponent(text)}`),
  'refreshToken of renew': async ({ server }, text) =>
    (await createVisitor(server).call('POST', '/renew', { body: { refreshToken: text } }))
      .status === 200,
  'DPoP header of renew': async ({ server }, text) =>
    (await createVisitor(server).call('POST', '/renew', { body: {}, proof: text })).status === 200,
  'code of redeem': async ({ server }, text) => {
    await server.pair.admission.set('code')
    return (await createVisitor(server).redeem(text)).status === 200
  },
  'claim, with the key that asked': async ({ server, keyed }, claim) => {
    await server.pair.admission.set('approval')
    return (await keyed.collect({ claim })).status === 200
  },
  'claim, with the cookie of who asked': async ({ server, keyless }, claim) => {
    await server.pair.admission.set('approval')
    return (await keyless.collect({ claim })).status === 200
  },
  'cookie of claim': async ({ server, keyless }, text) => {
    await server.pair.admission.set('approval')
    const [name] = keyless.jar.keys()
    const { claim } = keyless.pending
    const headers = { cookie: `${name}=${text}` }
    return (await server.call('/auth/claim', { body: { claim }, headers })).status === 200
  },
  'secret of claim-owner': async ({ server, key }, secret) => {
    const device = { label: 'An owner', kind: 'app', publicKey: key.jwk }
    const body = { secret, device, transport: 'dpop' }
    const at = { htm: 'POST', htu: `${ORIGIN}/auth/claim-owner`, at: server.clock() }
    const headers = { dpop: await key.prove({ ...at, body }) }
    return (await server.call('/auth/claim-owner', { body, headers })).status === 200
  },
}

function app(query = '', headers: Record<string, string> = {}): Request {
  return new Request(`${ORIGIN}/app${query}`, { headers })
}

async function enters(
  server: Server,
  headers: Record<string, string>,
  query = '',
  need: Need<never> = {},
): Promise<boolean> {
  const guarded = await server.pair.guard(app(query, headers), undefined, need)
  return guarded.ok
}

/** The diagonal: every kind on the plane that it is for. */
const DIAGONAL: Record<string, string[]> = {
  'keyed cookie': ['cookie'],
  'keyless cookie': ['cookie'],
  'bearer token': ['Authorization: Bearer'],
  'dpop token': ['Authorization: DPoP with a right proof'],
  'refresh token': ['refreshToken of renew'],
  'socket ticket': ['?ticket= on a socket'],
  'stream ticket': ['?ticket= on a page'],
  'resource token': ['Authorization: Bearer at a resource'],
  'resource token of a key': ['Authorization: DPoP with a right proof at a resource'],
  'socket ticket of a resource': ['?ticket= on a socket of a resource'],
  'stream ticket of a resource': ['?ticket= on a page of a resource'],
  'link code': ['code of redeem'],
  'typed code': ['code of redeem'],
  'claim of a key': ['claim, with the key that asked'],
  'claim without a key': ['claim, with the cookie of who asked'],
  'cookie of a claim': ['cookie of claim'],
  'secret of the owner': ['secret of claim-owner'],
}

describe('SES-04', () => {
  test('SES-04 of every kind on every plane only the diagonal passes', async () => {
    let world = await createWorld()
    const passed: string[] = []
    for (const kind of Object.keys(world.kinds)) {
      for (const [plane, present] of Object.entries(PLANES)) {
        if (await present(world, world.kinds[kind]!)) {
          passed.push(`${kind} · ${plane}`)
          world = await createWorld()
        }
      }
    }
    const diagonal = Object.entries(DIAGONAL).flatMap(([kind, planes]) =>
      planes.map((plane) => `${kind} · ${plane}`),
    )
    expect(passed.sort()).toEqual(diagonal.sort())
  })

  test('SES-04 what was refused on every other plane still works on its own', async () => {
    for (const [kind, planes] of Object.entries(DIAGONAL)) {
      const world = await createWorld()
      for (const [plane, present] of Object.entries(PLANES))
        if (!planes.includes(plane)) await present(world, world.kinds[kind]!)
      expect(await PLANES[planes[0]!]!(world, world.kinds[kind]!), kind).toBe(true)
    }
  })

  test('SES-04 a proof over another token, and one of another key, carry nobody', async () => {
    const { server, key, kinds } = await createWorld()
    const token = kinds['dpop token']!
    const other = await createDeviceKey()
    const target = { htm: 'GET', htu: `${ORIGIN}/app`, at: server.clock() }
    for (const dpop of [
      await key.prove({ ...target, token: kinds['bearer token']! }),
      await key.prove(target),
      await key.prove({ ...target, claims: { ath: hashOf(`${token} `) } }),
      await key.prove({ ...target, claims: { ath: token } }),
      await other.prove({ ...target, token }),
    ]) {
      const guarded = await server.pair.guard(
        app('', { authorization: `DPoP ${token}`, dpop }),
        undefined,
        {},
      )
      expect(guarded.ok ? 'in' : ((await guarded.response.json()) as { code: string }).code).toBe(
        'proof_invalid',
      )
    }
  })

  test('SES-04 where Authorization is there it alone decides, also where a good cookie comes with it', async () => {
    const { server, cookieName, kinds } = await createWorld()
    const cookie = `${cookieName}=${kinds['keyless cookie']}`
    for (const authorization of [
      'Bearer x',
      'Basic eDp5',
      'Bearer',
      '',
      `Bearer ${kinds['keyless cookie']}`,
      `Bearer ${kinds['dpop token']}`,
    ]) {
      expect(await enters(server, { authorization, cookie }), authorization).toBe(false)
    }
    expect(
      await enters(server, {
        authorization: `bearer  ${kinds['bearer token']}`,
        cookie: `${cookieName}=junk`,
      }),
    ).toBe(true)
  })

  test('SES-04 a stream ticket of a keyed device needs a proof over the ticket', async () => {
    const server = startServer()
    const key = await createDeviceKey()
    const visitor = await pairVisitor(server, { key })
    const open = async (
      ticket: string,
      wish: { token?: string; htm?: string } | null,
    ): Promise<number> => {
      const dpop =
        wish && (await key.prove({ htm: 'GET', htu: `${ORIGIN}/app`, at: server.clock(), ...wish }))
      const guarded = await server.pair.guard(
        app(`?ticket=${ticket}`, dpop ? { dpop } : {}),
        undefined,
        {},
      )
      return guarded.ok ? 200 : guarded.response.status
    }
    expect(await open(await visitor.ticket('stream'), null)).toBe(401)
    expect(await open(await visitor.ticket('stream'), {})).toBe(401)
    expect(await open(await visitor.ticket('stream'), { token: visitor.cookie() })).toBe(401)
    const ticket = await visitor.ticket('stream')
    expect(await open(ticket, { token: ticket })).toBe(200)
    expect(await open(ticket, { token: ticket })).toBe(401)
  })
})
