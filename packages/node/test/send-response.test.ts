import { describe, expect, test } from 'vitest'
import { get, sending, silentAfter } from './sending.ts'

describe('sendResponse', () => {
  test('sends status, headers, each cookie in a line of its own, and the body with its length', async () => {
    const { origin } = await sending(() => {
      const response = Response.json({ ok: true }, { status: 418, headers: { 'x-one': '1' } })
      response.headers.append('set-cookie', 'a=1; Path=/')
      response.headers.append('set-cookie', 'b=2; Path=/')
      return response
    })
    const answer = await fetch(origin)
    expect([answer.status, await answer.json()]).toEqual([418, { ok: true }])
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/json',
      'content-length': '11',
      'x-one': '1',
    })
    expect(answer.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/'])
  })

  test('leaves the cookies and the Vary that are set already, and takes the place of other headers', async () => {
    const { origin } = await sending((outgoing) => {
      outgoing.setHeader('set-cookie', ['theirs=1'])
      outgoing.setHeader('vary', 'Accept-Encoding')
      outgoing.setHeader('cache-control', 'public')
      return new Response('', {
        headers: { 'set-cookie': 'ours=1', vary: 'Origin', 'cache-control': 'no-store' },
      })
    })
    const { headers } = await fetch(origin)
    expect(headers.getSetCookie()).toEqual(['theirs=1', 'ours=1'])
    expect(headers.get('vary')).toBe('Accept-Encoding, Origin')
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test('answers HEAD without a body and cancels the one there was', async () => {
    const { body, over } = silentAfter('unheard')
    const server = await sending(() => new Response(body, { headers: { 'x-one': '1' } }))
    const dialled = server.dial(
      get(server, 'HEAD').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'),
    )
    const text = await dialled.closed()
    expect(text).toMatch(/^HTTP\/1\.1 200 .*x-one: 1/s)
    expect(text.endsWith('\r\n\r\n')).toBe(true)
    expect(over()).toBe(true)
  })

  test('answers what has no body, and an empty one', async () => {
    const none = await sending(() => new Response(null, { status: 204 }))
    expect((await fetch(none.origin)).status).toBe(204)
    const empty = await sending(() => new Response(''))
    const answer = await fetch(empty.origin)
    expect([answer.status, await answer.text()]).toEqual([200, ''])
  })

  test('throws what the body throws: before the first piece nothing is sent, after it the answer is cut off', async () => {
    let fail: () => void = () => {}
    const failing = (...pieces: string[]): Response => {
      const left = pieces.map((piece) => new TextEncoder().encode(piece))
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            const piece = left.shift()
            if (piece) return controller.enqueue(piece)
            if (pieces.length > 0) await new Promise<void>((resolve) => (fail = resolve))
            throw new Error('the body failed')
          },
        },
        { highWaterMark: 0 },
      )
      return new Response(body, { headers: { 'set-cookie': 'a=1' } })
    }
    const early = await sending(() => failing())
    const answer = await fetch(early.origin)
    expect([answer.status, answer.headers.getSetCookie(), early.ends]).toEqual([
      500,
      [],
      ['the body failed'],
    ])
    const late = await sending(() => failing('one ', 'two ', 'three '))
    const dialled = late.dial(get(late))
    await dialled.until(/three /)
    fail()
    const text = await dialled.closed()
    expect(text).not.toMatch(/\r\n0\r\n\r\n$/)
    expect(late.ends).toEqual(['the body failed'])
  })
})
