import { toBase64Url } from '../../src/encoding/base64url.ts'
import { utf8 } from '../../src/encoding/bytes.ts'
import type { JWK } from 'jose'
import type { LetterWish } from './letters.ts'
import { createKeptKey, publicPart } from './proofs.ts'
import type { Party, Story } from './story.ts'
import type { Waiter } from './waiting.ts'

/** Which requests came with a code. */
export const WITH_CODE = ['holder', 'promised', 'burned', 'doubly']

type Write = (name: string, method: string, path: string, wish?: LetterWish) => Promise<void>

/** Only what is signed or sent beside a request counts here. */
function as(key: JWK | null, cookie = ''): Party {
  const none = { token: '', refreshToken: null, sessionId: '', deviceId: '' }
  return { transport: 'cookie', cookie, key, ...none }
}

/** Whoever brings a claim: its key, or the cookie that stands for one. */
export function claimant({ key, cookie }: Waiter): LetterWish {
  return { party: as(key, cookie), withoutCredential: key !== null }
}

/** All that is asked by those who wait, and by those who want to. */
export async function writeWaitingLetters(story: Story, write: Write): Promise<void> {
  const { waiting, codes, parties } = story
  for (const [name, waiter] of Object.entries(waiting)) {
    const wish = { ...claimant(waiter), body: { claim: waiter.claim }, from: waiter.address }
    await write(`claim of ${name}`, 'POST', '/auth/claim', wish)
    await write(`later claim of ${name}`, 'POST', '/auth/claim', wish)
    await write(`withdrawal of ${name}`, 'POST', '/auth/withdraw', wish)
  }
  const { claim } = waiting.approved!
  const { jwk: thief } = await createKeptKey()
  const stolen = { party: as(thief), withoutCredential: true, body: { claim } }
  await write('claim of approved by another key', 'POST', '/auth/claim', stolen)
  await write('claim of approved by nobody', 'POST', '/auth/claim', { body: { claim } })
  const keyless = waiting['approved without a key']!
  const bare = { body: { claim: keyless.claim } }
  await write('claim without its cookie', 'POST', '/auth/claim', bare)

  let count = 0
  const entering = async (
    name: string,
    path: string,
    key: JWK | null,
    body: object = {},
    wish: LetterWish = {},
  ): Promise<void> => {
    const publicKey = key === null ? {} : { publicKey: publicPart(key) }
    await write(name, 'POST', path, {
      party: as(key),
      withoutCredential: true,
      covers: true,
      from: `192.0.2.${++count}`,
      ...wish,
      body: { device: { label: 'Newcomer', kind: 'app', ...publicKey }, ...body },
    })
  }
  const fresh = async (): Promise<JWK> => (await createKeptKey()).jwk
  const request = '/auth/request'
  await entering('request of a newcomer', request, await fresh())
  await entering('request without a key', request, null, { transport: 'bearer' })
  await entering('request of a known device', request, parties.admitted!.key)
  const elsewhere = { headers: { origin: 'http://localhost:3000' } }
  await entering('request of it from elsewhere', request, parties.agent!.key, {}, elsewhere)
  await entering('request of who came by a code', request, parties.dpop!.key)
  const { rejected, pending } = waiting
  await entering('request of rejected', request, rejected!.key)
  await entering('later request of rejected', request, rejected!.key)
  const near = { from: rejected!.address }
  await entering('request from where it cools down', request, await fresh(), {}, near)
  await entering('another request of pending', request, pending!.key, { scopes: ['notes:read'] })
  const { typed } = codes.unlimited!
  await entering('code for who has to wait', '/auth/redeem', await fresh(), { code: typed })
  const held = { code: codes.promised!.typed }
  await entering('code that another holds', '/auth/redeem', await fresh(), held)
  await entering('code that was burned', '/auth/redeem', await fresh(), {
    code: codes.burned!.typed,
  })
  const secret = toBase64Url(utf8(story.ownerSecret))
  await entering('claim of the owner', '/auth/claim-owner', await fresh(), { secret })
}
