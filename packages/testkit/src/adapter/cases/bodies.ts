import { deepStrictEqual } from 'node:assert/strict'
import type { AdapterCase, Start } from '../adapter-case.ts'
import { failed, json, problem, type Expected } from '../expected.ts'
import type { AdapterApp } from '../harness.ts'
import { guest } from '../settled.ts'
import { pairVisitor } from '../visitor.ts'

const path = '/auth/redeem'
const malformed = problem(400, 'invalid_request')
const tooLarge = problem(413, 'body_too_large')

const deep = `${'['.repeat(2_000)}${']'.repeat(2_000)}`

/** JSON that any parser takes, and we do not. */
const refusedAlways: Readonly<Record<string, string>> = {
  'an array': '[]',
  'nothing that is needed': '{}',
  'a wrong type': '{"code":7}',
  'a prototype key': '{"code":"222-222-222","__proto__":{}}',
  'a nested prototype key': '{"code":"222-222-222","x":{"constructor":{"prototype":{}}}}',
  'NUL in a text': '{"code":"\\u0000"}',
  'half a character': '{"code":"\\ud800"}',
  'deep nesting': `{"code":"222-222-222","x":${deep}}`,
}

/** What only the raw bytes show. */
const refusedRaw: Readonly<Record<string, string>> = {
  'half of it': '{"code":',
  'no JSON': 'code=222-222-222',
  'a bare text': '"222-222-222"',
  'two of one name': '{"code":"222-222-222","code":"333-333-333"}',
  'two of one name, spelled apart': '{"code":"222-222-222","\\u0063ode":"333-333-333"}',
  'a byte order mark': '\u00ef\u00bb\u00bf{"code":"222-222-222"}',
  'bytes that are no UTF-8': '{"code":"\u00ff\u00fe"}',
}

/** Sends each of them, byte for byte. */
async function refuseAll(
  start: Start,
  bodyParser: AdapterApp['bodyParser'],
  bodies: Readonly<Record<string, string>>,
  expected: Expected,
): Promise<void> {
  const site = await start({ bodyParser })
  for (const body of Object.values(bodies))
    await site.ask({ path, body: Buffer.from(body, 'latin1') }, expected)
  await pairVisitor(site, await site.code())
}

const withParser = (bodyParser: AdapterApp['bodyParser']): readonly AdapterCase[] => {
  const where = bodyParser === 'none' ? 'that is ours to read' : 'that a body parser read before us'
  return [
    {
      name: `NET-03 a body ${where} pairs, chunked or not, with a proof over it or without`,
      async holds(start) {
        const site = await start({ bodyParser })
        await pairVisitor(site, await site.code())
        await pairVisitor(site, await site.code(), { keyed: true })
        const owner = await pairVisitor(site, await site.code(), { transport: 'dpop' })
        const chunked = { path, body: { code: await site.code() }, length: 'chunked' } as const
        deepStrictEqual((await site.send(chunked)).status, 200)
        const typed = { 'content-type': 'Application/JSON; charset="utf-8"' }
        const { status } = await site.send({
          path,
          body: { code: await site.code() },
          headers: typed,
        })
        deepStrictEqual(status, 200)
        await site.askAs(owner, { path: '/auth/tickets', body: {} }, malformed)
      },
    },
    {
      name: `NET-03 a body ${where} is refused with a problem: arrays, prototype keys, bad texts, depth`,
      holds: (start) => refuseAll(start, bodyParser, refusedAlways, malformed),
    },
    {
      name: `NET-03 a body ${where} of more than 16 KiB is 413, and the server goes on`,
      async holds(start) {
        const site = await start({ bodyParser })
        const code = await site.code()
        const body = { code, x: 'x'.repeat(16_384) }
        for (const length of ['told', 'chunked'] as const)
          await site.ask({ path, body, length }, tooLarge)
        await pairVisitor(site, code)
      },
    },
    {
      name: `NET-03 a body ${where} and is empty, or of another media type, pairs nobody`,
      async holds(start) {
        const site = await start({ bodyParser })
        const code = await site.code()
        const none = { 'content-type': 'application/json', 'content-length': '0' }
        await site.ask({ method: 'POST', path }, malformed)
        await site.ask({ method: 'POST', path, headers: none }, malformed)
        for (const type of [
          'text/plain',
          'application/x-www-form-urlencoded',
          'application/jsonx',
          '',
        ])
          await site.ask(
            { path, body: { code }, headers: { 'content-type': type } },
            problem(415, 'unsupported_media_type'),
          )
        await site.ask({ path: '/auth/session' }, json(200, guest()))
        await pairVisitor(site, code)
      },
    },
  ]
}

/** What a body may be. */
export const bodyCases: readonly AdapterCase[] = [
  ...withParser('none'),
  ...withParser('json'),
  {
    name: 'NET-03 a body that is ours to read is judged by its bytes: doubled names, no UTF-8, no JSON',
    holds: (start) => refuseAll(start, 'none', refusedRaw, malformed),
  },
  {
    name: 'NET-03 a body that the parser before us could not read is the app’s to answer',
    async holds(start) {
      const site = await start({ bodyParser: 'json' })
      await site.ask({ path, body: Buffer.from('{"code":') }, failed(400))
      await pairVisitor(site, await site.code())
    },
  },
  {
    name: 'NET-03 a body without an end, or with a length that it does not have, is refused before it is there',
    async holds(start) {
      const site = await start()
      const endless = { path, body: Buffer.alloc(40_000, ' '), length: 'endless' } as const
      await site.ask(endless, tooLarge)
      const long = {
        path,
        body: Buffer.from('{"code":'),
        headers: { 'content-length': '99999999' },
      }
      await site.ask({ ...long, length: 'own' }, tooLarge)
      await pairVisitor(site, await site.code())
    },
  },
]
