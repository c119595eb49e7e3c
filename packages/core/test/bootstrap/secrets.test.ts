import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it, test } from 'vitest'
import { faultyStore } from '@pair/testkit/store'
import { codeLookup } from '../../src/bootstrap/code-crypto.ts'
import { parseCode } from '../../src/bootstrap/typed-code.ts'
import type {
  AccessAnswer,
  AuthorizedAnswer,
  IssuedCodeAnswer,
  TicketAnswer,
} from '../../src/http/wire.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { deriveKeys } from '../../src/token/keys-crypto.ts'
import { dumpStore, dumpText } from '../kit/dump.ts'
import { createKeyed, createServer, createStranger, secretOf } from '../kit/newcomers.ts'
import { ORIGIN, SECRET } from '../kit/server.ts'

/** Every spelling of a typed code that might be kept by mistake. */
function spellings(typed: string): string[] {
  const bare = typed.replaceAll('-', '')
  return [typed, bare, typed.toLowerCase(), bare.toLowerCase()].flatMap((text) => [
    text,
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
    Buffer.from(text).toString('base64url'),
    Buffer.from(text).toString('hex'),
  ])
}

/** What a thief can work out of a guess without our key, as it would stand in a table. */
function digestsWithoutKey(typed: string, salts: readonly string[]): string[] {
  const bare = typed.replaceAll('-', '')
  const texts = [typed, bare, `typed:${bare}`, `typed:${typed}`, `code:${bare}`, bare.toLowerCase()]
  const encode = (digest: Buffer): string[] => [
    digest.toString('hex'),
    digest.toString('base64'),
    digest.toString('base64url'),
  ]
  return texts.flatMap((text) => [
    ...['md5', 'sha1', 'sha256', 'sha384', 'sha512', 'sha3-256', 'blake2b512'].flatMap((name) =>
      encode(createHash(name).update(text).digest()),
    ),
    ...['', 'pair', 'code-lookup', ...salts].flatMap((salt) => [
      ...encode(createHmac('sha256', salt).update(text).digest()),
      ...encode(
        createHash('sha256')
          .update(salt + text)
          .digest(),
      ),
      ...encode(
        createHash('sha256')
          .update(text + salt)
          .digest(),
      ),
    ]),
  ])
}

function lookupOf(secret: string, typed: string): string {
  const parsed = parseCode(typed)
  if (parsed.form === 'none') throw new Error('not a code')
  return codeLookup(deriveKeys(new TextEncoder().encode(secret), 'pair').codePepper, parsed)
}

describe('a busy day', () => {
  test('CODE-10 store, lists, snapshot, events, stream, log, refusals and errors hold none of its secrets', async () => {
    const line = faultyStore(memoryStore())
    const server = createServer({ store: line.store, keyless: 'full' })
    const { pair } = server
    const heard: string[] = []
    pair.on('change', (event) => void heard.push(JSON.stringify(event)))
    pair.on('refused', (refusal) => void heard.push(JSON.stringify(refusal)))
    const secrets: string[] = [
      SECRET,
      Buffer.from(SECRET).toString('base64url'),
      Buffer.from(deriveKeys(Buffer.from(SECRET), 'pair').codePepper).toString('base64url'),
    ]
    const answers: string[] = []
    const note = (typed: string, link: string): void =>
      void secrets.push(...spellings(typed), secretOf(link))

    const startup = await pair.startupCode({ origin: ORIGIN })
    note(startup.typed, startup.link)
    const owner = await createKeyed(server)
    expect((await owner.redeem(startup.typed)).status).toBe(200)
    const stream = await pair.handler(
      new Request(`${ORIGIN}/auth/access/events?after=start`, {
        headers: { ...(await signed(owner, server.clock())) },
      }),
    )
    expect(stream?.status).toBe(200)

    for (const transport of ['cookie', 'bearer', 'dpop', 'bound', 'live', 'failed'] as const) {
      const issued = (
        await owner.call('/auth/codes', { body: { label: transport, scopes: ['notes:read'] } })
      ).as<IssuedCodeAnswer>()
      note(issued.typed, issued.link)
      if (transport === 'live' || transport === 'bound') continue
      const who =
        transport === 'bearer' || transport === 'failed'
          ? createStranger(server)
          : await createKeyed(server)
      if (transport === 'failed') {
        // refusals of every kind while the code is live
        for (const more of [
          { scopes: ['notes:write'] },
          { scopes: [] },
          { transport: 'dpop' },
          { device: { label: '\0', kind: 'app' } },
          { code: 7 },
        ])
          answers.push((await who.redeem(issued.typed, more)).text)
        answers.push(
          (await who.redeem(`${issued.typed}0`)).text,
          (await who.redeem(`${issued.typed} ${secretOf(issued.link)}`)).text,
        )
        answers.push(
          (await server.call('/auth/redeem', { body: `{"code":"${issued.typed}"`, headers: {} }))
            .text,
        )
        answers.push(
          (
            await server.call('/auth/redeem', {
              body: { code: issued.typed },
              headers: { origin: 'https://evil.example' },
            })
          ).text,
        )
        answers.push((await server.call(`/auth/redeem?code=${secretOf(issued.link)}`)).text)
        line.plan('commit', 'error-before', { thenDown: true })
        answers.push((await who.redeem(issued.typed)).text)
        line.up()
        continue
      }
      const paired = await who.redeem(issued.typed, { transport })
      expect(paired.status).toBe(200)
      // and once more with what is used up, by somebody else: whoever redeemed it is answered again
      for (const code of [issued.typed, secretOf(issued.link)])
        answers.push((await createStranger(server).redeem(code)).text)
      const { accessToken, refreshToken } = paired.as<AuthorizedAnswer>()
      const cookie = paired.headers.get('set-cookie')?.split(';', 1)[0]?.split('=')[1]
      const handed = [accessToken, refreshToken, cookie].filter((text) => text !== undefined)
      expect(handed.length).toBeGreaterThan(0)
      for (const text of handed)
        secrets.push(text, ...text.split('.').filter((part) => part.length > 30))
      if (transport === 'bearer') {
        const renewed = (
          await server.call('/auth/renew', { body: { refreshToken } })
        ).as<AuthorizedAnswer>()
        secrets.push(
          renewed.refreshToken!,
          renewed.refreshToken!.split('.')[2]!,
          renewed.accessToken!,
        )
        // too late to be answered with the same again
        server.clock.advance(30_000)
        answers.push((await server.call('/auth/renew', { body: { refreshToken } })).text)
        server.clock.advance(-30_000)
        answers.push(
          (
            await server.call('/auth/session', {
              headers: { authorization: `Bearer ${renewed.accessToken}x` },
            })
          ).text,
        )
      }
      if (transport === 'cookie')
        secrets.push(
          (await who.call('/auth/tickets', { body: { for: 'socket' } })).as<TicketAnswer>().ticket,
        )
    }
    const ended = await Promise.all([pair.codes.issue(), pair.codes.issue()])
    for (const { typed, link } of ended) note(typed, link)
    await pair.codes.revoke(ended[0].code.id)
    server.clock.advance(3_600_000)
    await pair.sweep()
    for (const { typed } of ended) answers.push((await createStranger(server).redeem(typed)).text)
    server.clock.advance(-3_600_000)

    for (const path of [
      '/auth/codes',
      '/auth/access',
      '/auth/sessions',
      '/auth/devices',
      '/auth/session',
    ]) {
      const answer = await owner.call(path)
      expect(answer.status).toBe(200)
      answers.push(answer.text)
    }
    const { codes } = (await owner.call('/auth/access')).as<AccessAnswer>()
    expect(codes.every((code) => !('link' in code) && !('typed' in code))).toBe(true)
    answers.push(
      JSON.stringify(await pair.audit.read({ limit: 1_000 })),
      JSON.stringify(await pair.codes.list()),
    )
    answers.push(await readSome(stream!))

    const places = {
      store: dumpText(await dumpStore(server.store)),
      answers: answers.join('\n'),
      heard: heard.join('\n'),
      log: server.logs.map((logged) => JSON.stringify(logged)).join('\n'),
    }
    for (const [place, text] of Object.entries(places)) {
      expect(text.length, place).toBeGreaterThan(200)
      for (const secret of secrets) {
        expect(secret.length).toBeGreaterThanOrEqual(9)
        expect(text.includes(secret), `${place} holds ${secret}`).toBe(false)
      }
    }
  })
})

/** The headers of a GET of the stream. */
async function signed(
  owner: Awaited<ReturnType<typeof createKeyed>>,
  at: number,
): Promise<Record<string, string>> {
  return {
    cookie: owner.cookie(),
    dpop: await owner.key!.prove({ htm: 'GET', htu: `${ORIGIN}/auth/access/events`, at }),
  }
}

/** The first chunks of a stream. */
async function readSome(response: Response): Promise<string> {
  const reader = response.body!.getReader()
  let text = ''
  while (!text.includes('event: change'))
    text += new TextDecoder().decode((await reader.read()).value)
  await reader.cancel()
  return text
}

describe('a stolen database', () => {
  test('CODE-10 gives no live typed code away without the key: the look-up is keyed', async () => {
    const server = createServer()
    const { typed, link, code } = await server.pair.codes.issue()
    const rows = await dumpStore(server.store)
    const text = dumpText(rows)
    const salts = [
      code.id,
      ...rows.flatMap(({ key }) => key),
      ...rows.map(({ value }) => (JSON.parse(value) as { attempt?: string }).attempt ?? ''),
    ]
    for (const digest of digestsWithoutKey(typed, salts)) expect(text).not.toContain(digest)
    // the control: with the key it is found, with any other it is not
    expect(text).toContain(lookupOf(SECRET, typed))
    expect(text).toContain(lookupOf(SECRET, secretOf(link)))
    expect(text).not.toContain(lookupOf(`${SECRET}!`, typed))
  })

  test('CODE-10 opens nothing on a server with another secret or namespace', async () => {
    const server = createServer()
    const { typed, link } = await server.pair.codes.issue({ uses: 'unlimited' })
    for (const other of [
      createServer({ store: server.store, secret: `${SECRET}!` }),
      createServer({ store: server.store, namespace: 'other' }),
    ]) {
      expect((await createStranger(other).redeem(typed)).body.code).toBe('code_invalid')
      expect((await createStranger(other).redeem(secretOf(link))).body.code).toBe('code_invalid')
    }
    expect((await createStranger(server).redeem(typed)).status).toBe(200)
  })

  it('holds link and typed code under different names, and the same code never under the same name again', async () => {
    const server = createServer()
    for (let n = 0; n < 5; n++) await server.pair.codes.issue()
    const names = (await dumpStore(server.store))
      .filter(({ key }) => key[1] === 'code-lookup')
      .map(({ key }) => key[2]!)
    expect(new Set(names).size).toBe(10)
    for (const name of names) expect(name).toMatch(/^[\w-]{43}$/)
  })
})

describe('who may read access', () => {
  test('SEC-23 finds no digest of a live code in lists, snapshot, events or log, keyed or not', async () => {
    const server = createServer()
    const reader = await createKeyed(server)
    const first = await server.pair.codes.issue({ scopes: ['access:read'] })
    await reader.redeem(first.typed)
    const { typed, link, code } = await server.pair.codes.issue({ label: 'live' })
    const seen = [
      (await reader.call('/auth/codes')).text,
      (await reader.call('/auth/access')).text,
      JSON.stringify((await server.pair.audit.read({ limit: 1_000 })).items),
      server.logs.map((logged) => JSON.stringify(logged)).join(),
    ].join()
    expect(seen).toContain(code.id)
    const salts = [...new Set(seen.match(/[\w-]{8,}/g))]
    for (const digest of digestsWithoutKey(typed, salts)) expect(seen).not.toContain(digest)
    for (const secret of [typed, secretOf(link)])
      expect(seen).not.toContain(lookupOf(SECRET, secret))
  })
})
