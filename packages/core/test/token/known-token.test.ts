import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { counting } from '../kit/counting.ts'
import { withinASecond } from '../kit/rotations.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { forgedTexts, segmentOf } from '../kit/token-mutants.ts'
import { isHeaderText, mutantsOf } from '../kit/text-mutants.ts'
import { pairVisitor } from '../kit/visitor.ts'

interface Known {
  server: Server
  token: string
  /** Let in with these headers, and at the cost of how many calls of the store. */
  enter(headers: Record<string, string>): Promise<{ ok: boolean; calls: number }>
  /** Until it is let in like that again: it is no longer than half a second without a look at the journal. */
  warm(): Promise<void>
}

/** A token that is let in without a look at the store. */
async function know(signing: 'hs256' | 'eddsa'): Promise<Known> {
  const counted = counting(memoryStore())
  const server = startServer({ store: counted.store, signing })
  const token = (await pairVisitor(server, { transport: 'bearer' })).accessToken!
  const enter: Known['enter'] = async (headers) => {
    counted.clear()
    const { ok } = await server.pair.guard(new Request(`${ORIGIN}/app`, { headers }), undefined, {})
    return { ok, calls: counted.calls.length }
  }
  const warm = (): Promise<void> =>
    withinASecond(async () => {
      const { ok, calls } = await enter({ authorization: `Bearer ${token}` })
      return ok && calls === 0
    })
  await warm()
  return { server, token, enter, warm }
}

describe.each(['hs256', 'eddsa'] as const)('SES-03 a known token, %s', (signing) => {
  test('SES-03 no other text with its signature is let in, nor the same one in another way', async () => {
    const { token, enter, warm } = await know(signing)
    const [head = '', body = '', tail = ''] = token.split('.')
    const mutants = [...mutantsOf(token, 1_000), ...forgedTexts(token)].filter(isHeaderText)
    const wrong = [
      ...mutants,
      tail,
      `.${tail}`,
      `..${tail}`,
      `x.x.${tail}`,
      `${head}.${segmentOf('{}')}.${tail}`,
      `${segmentOf('{"alg":"none"}')}.${body}.${tail}`,
      `${token}.${tail}`,
    ]
    for (const [at, text] of wrong.entries()) {
      if (at % 50 === 0) await warm()
      expect((await enter({ authorization: `Bearer ${text}` })).ok, text).toBe(false)
    }
    expect(wrong.filter((text) => text.endsWith(`.${tail}`)).length).toBeGreaterThan(200)
    const name = await cookieName()
    for (const headers of [
      { authorization: `DPoP ${token}` },
      { authorization: `Basic ${token}` },
      { authorization: token },
      { cookie: `${name}=${token}` },
    ] as Record<string, string>[])
      expect((await enter(headers)).ok).toBe(false)
    await warm()
  })

  test('SES-10 what is handed out of it can not be changed', async () => {
    const { server, token } = await know(signing)
    const ask = async (): Promise<unknown> => {
      const headers = { authorization: `Bearer ${token}` }
      const found = await server.pair.guard(
        new Request(`${ORIGIN}/app`, { headers }),
        undefined,
        {},
      )
      return found.ok && found.auth.session
    }
    const session = (await ask()) as Record<string, unknown> & { scopes: string[] }
    const before = JSON.stringify(session)
    for (const spoil of [
      () => void session.scopes.push('access:write'),
      () => void (session.scopes = ['access:write']),
      () => void Object.assign(session, { subject: 'somebody' }),
      () => void Object.assign(session.device as object, { label: 'x' }),
      () => void delete session.id,
    ])
      expect(spoil).toThrow(TypeError)
    expect(JSON.stringify(await ask())).toBe(before)
  })
})

/** By which name a server of that secret reads a cookie. */
async function cookieName(): Promise<string> {
  return [...(await pairVisitor(startServer())).jar.keys()][0] ?? ''
}
