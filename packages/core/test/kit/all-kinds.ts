import { agent } from '../../src/agent.ts'
import { deriveKey, utf8 } from '../../src/encoding/bytes.ts'
import { toBase64Url } from '../../src/encoding/base64url.ts'
import { parseCode } from '../../src/bootstrap/typed-code.ts'
import { deriveKeys, type Signing } from '../../src/token/keys-crypto.ts'
import { pairKey } from '../../src/token/eddsa-crypto.ts'
import { createApplicant, settle, type Applicant } from './applicants.ts'
import { createDeviceKey } from './device.ts'
import { createServer, type LoggedServer } from './newcomers.ts'
import { addressOf } from './races.ts'
import { headerOf } from './rotations.ts'
import { askToken, enter, LIVE, SCREENS, upgrade, viewOf, WALL } from './screens.ts'
import { ORIGIN, SECRET } from './server.ts'
import { createVisitor, pairVisitor, type Visitor } from './visitor.ts'

/** One sort of text that lets somebody in, or is believed, and how it is brought. */
export interface Sample {
  text: string
  /** Is that text taken where this one belongs? */
  accepts(text: string): Promise<boolean>
  /** The signature segment of our own key over any two segments, where it is a signed one. */
  sign?(head: string, body: string): Promise<string>
  /** Whether it travels in a header as it is. */
  inHeader?: boolean
  /** Whether that text means the same by design. */
  isSame?(text: string): boolean
  /** Whether its header may be spelled in any way. */
  isFree?: boolean
}

export const SIGNERS: Readonly<
  Record<Signing, (kind: 'session' | 'resource' | 'approval') => Promise<Sample['sign']>>
> = {
  hs256: async (kind) => {
    const key = deriveKeys(utf8(SECRET), 'pair')[kind]
    return async (head, body) => key.mac(`${head}.${body}`)
  },
  eddsa: async (kind) => {
    const seed = deriveKey(utf8(SECRET), `pair/token/${kind}/eddsa/key_first`)
    const { privateKey } = await pairKey(kind as 'session', seed)
    return async (head, body) => {
      const bytes = await crypto.subtle.sign('Ed25519', privateKey, utf8(`${head}.${body}`))
      return toBase64Url(new Uint8Array(bytes))
    }
  },
}

async function identified(server: LoggedServer, headers: Record<string, string>): Promise<boolean> {
  const found = await server.pair.identify(new Request(LIVE, { headers }))
  return found.ok && found.auth.kind === 'session'
}

const cookieNameOf = ({ jar }: Visitor): string => [...jar.keys()][0] ?? ''

/** What can't be a cookie's value is no mutation of one: browsers and servers part the header there. */
export const isCookieText = (text: string): boolean => /^[!#-+\--:<-[\]-~]+$/.test(text)

export interface World {
  server: LoggedServer
  samples: Record<string, Sample>
}

/** A server with one of each, alive. */
export async function createSamples(signing: Signing): Promise<World> {
  const server = createServer({
    keyless: 'full',
    signing,
    resources: SCREENS,
    extensions: [agent()],
  })
  const code = { scopes: ['notes:read', 'screen:control'] as never }
  const bearer = await pairVisitor(server, { transport: 'bearer', code })
  const cookie = await pairVisitor(server)
  const key = await createDeviceKey()
  const dpop = await pairVisitor(server, { key, transport: 'dpop', code })
  const token = dpop.accessToken!
  const prove = (of: string): Promise<string> =>
    key.prove({ htm: 'GET', htu: LIVE, at: server.clock(), token: of })
  const { resourceToken } = (await askToken(bearer, WALL, 'view')).body
  const issued = await server.pair.codes.issue({ origin: ORIGIN })
  const agentKey = await server.pair.agentKeys.issue({ agent: 'a' })
  const support = await server.pair.agentKeys.supportCode()
  const link = new URL(issued.link).hash.slice('#code='.length)
  await server.pair.admission.set('approval')
  const applicant = await asked(server)
  const { claim, proof } = applicant.pending
  let rival = 0
  const redeems = async (text: string): Promise<boolean> => {
    await server.pair.admission.set('code')
    const info = { remoteAddress: addressOf(rival++) }
    const { status, text: said } = await createVisitor(server, null, info).redeem(text)
    // What was not looked at shows nothing.
    if (status === 429) throw new Error(said)
    return status === 200
  }
  const isSameCode = (own: string) => (text: string) =>
    JSON.stringify(parseCode(text)) === JSON.stringify(parseCode(own))
  /** By the key that its header names. */
  const signed = async (
    text: string,
    kind: 'session' | 'resource' = 'session',
  ): Promise<Pick<Sample, 'text' | 'sign' | 'inHeader'>> => {
    const sign = await SIGNERS[headerOf(text).alg === 'EdDSA' ? 'eddsa' : 'hs256'](kind)
    return { text, sign: sign!, inHeader: true }
  }
  const samples: World['samples'] = {
    'bearer token': {
      ...(await signed(bearer.accessToken!)),
      accepts: (text) => identified(server, { authorization: `Bearer ${text}` }),
    },
    cookie: {
      ...(await signed(cookie.cookie())),
      accepts: async (text) =>
        isCookieText(text) && identified(server, { cookie: `${cookieNameOf(cookie)}=${text}` }),
    },
    'dpop token': {
      ...(await signed(token)),
      accepts: async (text) =>
        identified(server, { authorization: `DPoP ${text}`, dpop: await prove(text) }),
    },
    'resource token': {
      ...(await signed(resourceToken, 'resource')),
      accepts: async (text) =>
        (await enter(server, { authorization: `Bearer ${text}` }, viewOf(WALL))) === 'view',
    },
    'proof of waiting': {
      text: proof,
      accepts: async (text) => (await server.pair.approvals.readProof(text)) !== null,
      sign: (await SIGNERS.hs256('approval'))!,
    },
    'DPoP proof': {
      text: await prove(token),
      accepts: (text) => identified(server, { authorization: `DPoP ${token}`, dpop: text }),
      sign: async (head, body) => {
        const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
        const bytes = await crypto.subtle.sign(algorithm, key.privateKey, utf8(`${head}.${body}`))
        return toBase64Url(new Uint8Array(bytes))
      },
      inHeader: true,
      isFree: true,
    },
    'socket ticket': {
      text: await bearer.ticket('socket'),
      accepts: async (text) =>
        typeof (await upgrade(server, {}, {}, `?ticket=${encodeText(text)}`)) !== 'string',
    },
    'stream ticket': {
      text: await bearer.ticket('stream'),
      accepts: async (text) => {
        const request = new Request(`${LIVE}?ticket=${encodeText(text)}`)
        return (await server.pair.guard(request, undefined, {})).ok
      },
    },
    'refresh token': {
      text: bearer.refreshToken!,
      accepts: async (refreshToken) => {
        const body = { refreshToken }
        return (await createVisitor(server).call('POST', '/renew', { body })).status === 200
      },
    },
    claim: {
      text: claim,
      accepts: async (text) => {
        await server.pair.admission.set('approval')
        return (await applicant.collect({ claim: text })).status === 200
      },
    },
    'agent key': {
      text: agentKey.key,
      accepts: async (text) => {
        const request = new Request(LIVE, { headers: { authorization: `Bearer ${text}` } })
        return (await server.pair.guard(request, undefined, { who: 'agent' })).ok
      },
      inHeader: true,
    },
    'code for an agent': {
      text: support.typed,
      accepts: async (code) => {
        await server.pair.admission.set('code')
        const body = { code, agent: `a-${rival}` }
        const info = { remoteAddress: addressOf(rival++) }
        const visitor = createVisitor(server, null, info)
        const { status, text: said } = await visitor.call('POST', '/agent-keys/bind', { body })
        // What was not looked at shows nothing.
        if (status === 429) throw new Error(said)
        return status === 201
      },
      isSame: isSameCode(support.typed),
    },
    'link code': { text: link, accepts: redeems, isSame: isSameCode(link) },
    'typed code': { text: issued.typed, accepts: redeems, isSame: isSameCode(issued.typed) },
  }
  return { server, samples }
}

/** Half a character is none in an address: it would be another text by then. */
function encodeText(text: string): string {
  return /\p{Cs}/u.test(text) ? '%FF' : encodeURIComponent(text)
}

/** Somebody with a key who was approved, and did not collect. */
async function asked(server: LoggedServer): Promise<Applicant> {
  const applicant = await createApplicant(server)
  await applicant.ask()
  await settle(server, 'approve', applicant)
  return applicant
}
