import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/encoding/canonical-json.ts'
import { parseStrictJson } from '../../src/encoding/strict-json.ts'
import { createEdge, HERE, sha256 } from '../kit/edge.ts'
import { createDeviceKey } from '../kit/device.ts'
import { startServer } from '../kit/server.ts'
import { helloFrame, pairVisitor } from '../kit/visitor.ts'

const BEYOND: [name: string, number: string][] = [
  ...['1e400', '-1e400', '1E+309', '1e99999'].map((text): [string, string] => [text, text]),
  ['400 digits', '9'.repeat(400)],
  ['-400 digits and a fraction', `-${'9'.repeat(400)}.5`],
]

describe('NET-03 a number that no double holds', () => {
  test.each([
    ...BEYOND,
    ...[
      '[1e400]',
      '{"a":1e400}',
      '{"a":[{"b":-1e400}]}',
      '[1,"1e400",1e400]',
      '{"1e400":1e400}',
      '[1e308,1e309]',
    ].map((text): [string, string] => [text, text]),
  ])('is no JSON of ours: %s', (_, text) => {
    expect(parseStrictJson(text).ok).toBe(false)
  })

  test.each(['"1e400"', '{"1e400":1}', '["\\"1e400",1]', '1e308', '1e-400', '-0', '[0.1,1e3]'])(
    'is told from one that is held, and from a text: %s',
    (text) => {
      expect(parseStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
    },
  )

  test.each(BEYOND)('is answered 400 anywhere in the body of a stranger: %s', async (_, number) => {
    const edge = createEdge()
    const { typed } = await edge.pair.codes.issue({ origin: HERE })
    for (const body of [
      `{"code":${number}}`,
      `{"code":"${typed}","x":${number}}`,
      `{"code":"${typed}","x":[[{"y":${number}}]]}`,
      `{"code":"${typed}","device":{"label":"a","kind":"app","x":${number}}}`,
      number,
    ]) {
      const answer = await edge.call('/auth/redeem', { body })
      expect([body, answer.status, answer.body.code]).toEqual([body, 400, 'invalid_request'])
    }
    expect((await edge.call('/auth/redeem', { body: { code: typed } })).status).toBe(200)
  })

  test('is answered 400 beside a key and its proof, and leaves the code whole', async () => {
    const edge = createEdge()
    const { typed } = await edge.pair.codes.issue({ origin: HERE })
    const key = await createDeviceKey()
    const right = { code: typed, device: { label: 'a', kind: 'app', publicKey: key.jwk } }
    const bodyHash = sha256(canonicalJson(right))
    const at = { htm: 'POST', htu: `${HERE}/auth/redeem`, at: edge.now(), claims: { bodyHash } }
    const body = JSON.stringify(right)
    const send = async (text: string): Promise<unknown[]> => {
      const headers = { dpop: await key.prove(at) }
      const answer = await edge.call('/auth/redeem', { body: text, headers })
      return [answer.status, answer.body.code]
    }
    expect(await send(`${body.slice(0, -1)},"x":1e400}`)).toEqual([400, 'invalid_request'])
    expect(await send(body)).toEqual([200, undefined])
  })

  test.each([
    ['POST', '/codes', '{"uses":1e400}'],
    ['POST', '/codes', '{"expiresInSeconds":1e400}'],
    ['POST', '/codes', '{"x":1e400}'],
    ['POST', '/tickets', '{"for":"socket","x":1e400}'],
    ['POST', '/resource-tokens', '{"resource":"screen:1","mode":"view","x":1e400}'],
    ['POST', '/renew', '{"x":1e400}'],
    ['POST', '/logout', '{"x":1e400}'],
    ['PATCH', '/sessions/ID', '{"scopes":["notes:read"],"x":1e400}'],
    ['POST', '/request', '{"device":{"label":"a","kind":"app"},"x":1e400}'],
    ['POST', '/claim', '{"claim":"x","waitSeconds":1e400}'],
    ['POST', '/claim', '{"claim":"x","x":1e400}'],
    ['POST', '/withdraw', '{"claim":"x","x":1e400}'],
    ['POST', '/claim-owner', '{"secret":"x","device":{"label":"a","kind":"app"},"x":1e400}'],
    ['POST', '/approvals/ID/approve', '{"digest":"x","x":1e400}'],
    ['POST', '/approvals/ID/reject', '{"digest":"x","x":1e400}'],
    ['PUT', '/admission', '{"mode":"closed","version":null,"x":1e400}'],
  ])('is answered 400 by %s %s %s', async (method, path, body) => {
    const edge = createEdge()
    const owner = await edge.owner()
    const at = `/auth${path.replace('ID', owner.sessionId)}`
    const answer = await owner.call(at, { method, body })
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request'])
    expect((await owner.call('/auth/session')).body.authenticated).toBe(true)
    expect((await edge.pair.admission.get()).mode).toBe('code')
  })

  test('makes a hello frame none: the socket is closed with 4001', async () => {
    const server = startServer()
    const visitor = await pairVisitor(server, { key: await createDeviceKey() })
    for (const [more, closes, readies] of [
      [',"x":1e400}', [4001], 0],
      [',"x":1e308}', [], 1],
    ] as const) {
      const ticket = await visitor.ticket()
      const url = `${server.origin}/live?ticket=${ticket}`
      const guard = await server.pair.openSocket(new Request(url), undefined, {})
      if (guard instanceof Response) throw new Error(await guard.text())
      const heard = { closes: [] as number[], readies: 0 }
      const socket = { send() {}, close: (code: number) => void heard.closes.push(code) }
      const line = guard.attach(socket, () => void heard.readies++)
      const hello = await helloFrame(server, visitor.key!, ticket)
      expect(await line.receive(hello.replace(/\}$/, more))).toBe(false)
      expect(heard).toEqual({ closes, readies })
      line.closed()
    }
  })
})
