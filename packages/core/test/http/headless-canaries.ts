import { agent } from '../../src/agent.ts'
import type { Extension } from '../../src/extension.ts'
import { oauth } from '../../src/oauth.ts'
import { openapi } from '../../src/openapi.ts'
import { mintProofClaims, relay, signMintRequest, verifyMintAnswer } from '../../src/relay.ts'
import type { Signing } from '../../src/token/keys-crypto.ts'
import { createDeviceKey } from '../kit/device.ts'
import type { Answer } from '../kit/newcomers.ts'
import { deskOf } from '../oauth/desk.ts'
import { createRelayKey, once, type RelayKey } from '../relay/carrier.ts'
import { openCage, type Cage } from './canaries.ts'

const AUDIENCE = 'https://home.example/auth'
const SHARED_KEY = 'canary-of-the-shared-key-of-all-agents-0123'

const extensionsOf = ({ publicKey }: RelayKey, until: number): Extension[] => [
  agent({ sharedKey: { key: SHARED_KEY, until } }),
  oauth({ clients: [{ id: 'notes-cli', label: 'Notes on the command line' }] }),
  relay({ audience: AUDIENCE, relays: [{ id: 'hub', publicKey, authorize: true }] }),
  openapi(),
]

const FOREVER = 4_000_000_000_000

/** A cage in which what comes without a browser lives: agents, devices that show a code, clients behind a relay. */
export async function openHeadlessCage(signing: Signing): Promise<Cage> {
  const relayKey = createRelayKey()
  const cage = await openCage(signing, extensionsOf(relayKey, FOREVER))
  cage.canaries.length = 0
  await keepAgents(cage)
  await keepDeviceGrants(cage)
  await keepRelayed(cage, relayKey)
  return cage
}

/** A key and both ways that it is brought, its heir, a support code that was used and one that was not. */
async function keepAgents({ server, keep }: Cage): Promise<void> {
  const { agentKeys } = server.pair
  keep('the shared key', SHARED_KEY)
  const { key, agentKey } = await agentKeys.issue({ agent: 'runner' })
  keep('the key of an agent', key)
  keep('the random part of that key', key.slice(4, 47))
  keep('a rotated key', (await agentKeys.rotate(agentKey.id)).key)
  const used = (await agentKeys.supportCode({})).typed
  keep('a used support code', used)
  const bound = await server.call('/auth/agent-keys/bind', { body: { code: used, agent: 'b' } })
  keep('a key by a support code', bound.as<{ key: string }>().key)
  const live = (await agentKeys.supportCode({})).typed
  keep('a support code', live)
  keep('a support code without dashes', live.replaceAll('-', ''))
  for (const headers of [
    { authorization: `Bearer ${key}` },
    { authorization: `Bearer ${SHARED_KEY}`, 'pair-agent': 'old' },
  ] as Record<string, string>[]) {
    const request = new Request(`${server.origin}/jobs`, { headers })
    const guarded = await server.pair.guard(request, undefined, { who: 'agent' })
    if (!guarded.ok) throw new Error('an agent is not let in')
  }
}

/** One device that waits, and one that was let in and renewed. */
async function keepDeviceGrants({ server, owner, keep }: Cage): Promise<void> {
  await server.pair.admission.set('approval')
  const desk = deskOf(server, owner)
  const waiting = await desk.shown({ scope: 'notes:read' })
  const device = await desk.shown({ scope: 'notes:read' })
  await desk.decide('approve', device.user_code)
  for (const { device_code, user_code } of [waiting, device]) {
    keep('a device code', device_code)
    const [, claim, cookie] = device_code.split('.')
    keep('the claim of a device code', claim)
    keep('the cookie of a device code', cookie)
    keep('a user code', user_code)
    keep('a user code without dashes', user_code.replaceAll('-', ''))
  }
  const tokens = async (answer: Promise<Answer>): Promise<string> => {
    const { access_token, refresh_token } = (await answer).as<Record<string, string>>()
    keep('an access token of a device', access_token)
    keep('a refresh token of a device', refresh_token)
    return refresh_token!
  }
  const refresh_token = await tokens(desk.poll(device.device_code))
  const renewal = { grant_type: 'refresh_token', refresh_token, client_id: 'notes-cli' }
  await tokens(desk.form('/auth/token', renewal))
  await server.pair.admission.set('code')
}

/** One request that was answered, and one that a relay still holds. */
async function keepRelayed({ server, keep }: Cage, { privateKey }: RelayKey): Promise<void> {
  const client = await createDeviceKey()
  const now = server.clock()
  for (const isSent of [true, false]) {
    const wish = {
      audience: AUDIENCE,
      relayId: 'hub',
      nonce: once(),
      requestedAt: Math.floor(now / 1_000),
      device: { label: 'A phone', kind: 'app', publicKey: client.jwk },
    } as const
    const { htm, htu, bodyHash } = mintProofClaims(wish)
    const proof = await client.prove({ htm, htu, at: now, claims: { bodyHash } })
    const jti = once()
    const request = await signMintRequest(wish, { privateKey, jti, proof, now })
    keep('the jti of a relay', jti)
    keep('the nonce of a client behind a relay', wish.nonce)
    keep('the proof of a client behind a relay', proof)
    keep('a request of a relay', request)
    if (!isSent) continue
    const minted = await server.call('/auth/relay/mint', { body: { request } })
    const { answer } = minted.as<{ answer: string }>()
    keep('an answer to a relay', answer)
    const way = await verifyMintAnswer(answer, {
      environmentKeys: (await server.call('/auth/jwks.json')).body as never,
      environment: AUDIENCE,
      relayId: 'hub',
      nonce: wish.nonce,
      thumbprint: client.thumbprint,
      now,
    })
    keep('the code of a relay', way?.status === 'authorized' ? way.code : undefined)
  }
}
