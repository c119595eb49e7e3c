import { describe, expect, test } from 'vitest'
import {
  isPairClientError,
  PairClientError,
  readObject,
  toClientError,
  toRefusal,
} from '../src/client-error.ts'

const problem = {
  type: 'https://x/#code_invalid',
  title: 'code_invalid',
  status: 401,
  detail: 'This code can not be used.',
  code: 'code_invalid',
  hint: 'Ask for a fresh code.',
}

const refusal = (
  status: number,
  body: string | null,
  headers: Record<string, string> = {},
): Promise<PairClientError> => toRefusal(new Response(body, { status, headers }))

describe('NET-05 a refusal', () => {
  test('NET-05 gives the sentence of the server, its code and hint', async () => {
    expect(await refusal(401, JSON.stringify(problem))).toMatchObject({
      name: 'PairClientError',
      code: 'code_invalid',
      status: 401,
      message: 'This code can not be used.',
      hint: 'Ask for a fresh code.',
      retryAfter: undefined,
      transient: false,
    })
  })

  test('NET-05 names the wait from the body, else from the header', async () => {
    const slow = { ...problem, code: 'store_busy', status: 503 }
    const both = await refusal(503, JSON.stringify({ ...slow, retryAfter: 7 }), {
      'retry-after': '9',
    })
    expect(both).toMatchObject({ retryAfter: 7, transient: true })
    expect(await refusal(503, JSON.stringify(slow), { 'retry-after': '9' })).toMatchObject({
      retryAfter: 9,
    })
    const dated = { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }
    expect(await refusal(503, JSON.stringify(slow), dated)).toMatchObject({ retryAfter: undefined })
  })

  test('NET-05 carries the scopes that were needed', async () => {
    const body = { ...problem, code: 'insufficient_scope', scopes: ['notes:write'] }
    expect((await refusal(403, JSON.stringify(body))).scopes).toEqual(['notes:write'])
  })

  test.each([
    ['an HTML page', 403, '<html><h1>Forbidden</h1>', 'bad_answer'],
    ['an empty body', 404, null, 'bad_answer'],
    ['JSON of another program', 400, '{"error":"nope","detail":"x"}', 'bad_answer'],
    ['null', 400, 'null', 'bad_answer'],
    ['a string', 400, '"x"', 'bad_answer'],
    ['a code that is no text', 400, '{"code":7,"detail":"x"}', 'bad_answer'],
    ['half a body', 500, '{"code":"intern', 'bad_answer'],
    ['the page of a proxy whose server is away', 502, '<html>Bad Gateway', 'offline'],
    ['an empty 503', 503, null, 'offline'],
    ['a gateway timeout', 504, 'timeout', 'offline'],
  ])('NET-05 %s is a sentence, not raw text', async (_name, status, body, code) => {
    const error = await refusal(status, body)
    expect(error).toMatchObject({ code, status, transient: status >= 500 })
    expect(error.message).toMatch(/^[A-Z].+\.$/)
    expect(error.message).not.toMatch(/[{<]/)
    expect(error.hint).not.toBe('')
  })
})

describe('NET-05 what else may go wrong', () => {
  test.each(['<html>', '', 'null', '"text"', '[]', '{}', '{"link":'])(
    'NET-05 a good answer that holds %j instead of what was asked for is a bad answer',
    async (body) => {
      const read = readObject<{ link: string }>(new Response(body), 'link')
      await expect(read).rejects.toMatchObject({ code: 'bad_answer', status: 200 })
    },
  )

  test('NET-05 a body that breaks off is a lost connection', async () => {
    const broken = new ReadableStream({
      start: (controller) => controller.error(new TypeError('terminated')),
    })
    await expect(readObject<{ link: string }>(new Response(broken), 'link')).rejects.toMatchObject({
      code: 'offline',
      transient: true,
    })
  })

  test('NET-05 a failed connection is told as such, and the cause is kept for logs', () => {
    const cause = new TypeError('fetch failed')
    expect(toClientError(cause)).toMatchObject({
      code: 'offline',
      status: 0,
      transient: true,
      cause,
    })
  })

  test('an error of ours is recognised across copies of the package', () => {
    const error = new PairClientError('key_lost')
    expect(toClientError(error)).toBe(error)
    expect(isPairClientError(error)).toBe(true)
    expect(
      isPairClientError(Object.assign(new Error('x'), { name: 'PairClientError', code: 'x' })),
    ).toBe(true)
    expect(isPairClientError(new Error('x'))).toBe(false)
    expect(isPairClientError('x')).toBe(false)
  })

  test('a code that is not in the table, even the name of an inherited member, has a sentence', () => {
    expect(new PairClientError('toString').message).toMatch(/^[A-Z].+\.$/)
  })
})
