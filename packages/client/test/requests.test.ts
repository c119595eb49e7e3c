import { describe, expect, test } from 'vitest'
import { bench, claimsOf, HOME, ok, refuse } from './kit/bench.ts'

describe('a request of the app', () => {
  test('goes out as it is, with cookies, and without proof while nobody asks for one', async () => {
    const { requests, sent } = await bench(ok)
    const response = await requests.fetch('/notes', {
      method: 'post',
      body: 'a note',
      headers: { 'x-app': '1' },
    })
    expect(await response.text()).toBe('fine')
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatchObject({
      url: `${HOME}/notes`,
      method: 'POST',
      credentials: 'include',
      redirect: 'follow',
    })
    expect(sent[0]?.headers.get('x-app')).toBe('1')
    expect(sent[0]?.headers.has('dpop')).toBe(false)
    expect(await sent[0]?.text()).toBe('a note')
  })

  test('may be a Request, whose body is sent again where that is needed', async () => {
    const { requests, sent } = await bench(refuse('proof_required'), ok)
    const request = new Request(`${HOME}/notes`, {
      method: 'PUT',
      body: 'a note',
      headers: { 'x-app': '1' },
    })
    expect((await requests.fetch(request)).status).toBe(200)
    expect(sent.map((one) => one.headers.get('x-app'))).toEqual(['1', '1'])
    expect(await Promise.all(sent.map((one) => one.text()))).toEqual(['a note', 'a note'])
    expect(claimsOf(sent[1])).toMatchObject({ htm: 'PUT', htu: `${HOME}/notes` })
  })

  test('gets a proof once the route asks for one, and only once', async () => {
    const { requests, sent } = await bench(refuse('proof_required'))
    const response = await requests.fetch('/notes?x=1')
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'proof_required' })
    expect(sent.map((one) => one.headers.has('dpop'))).toEqual([false, true])
    expect(claimsOf(sent[1])).toMatchObject({ htm: 'GET', htu: `${HOME}/notes` })
    expect(claimsOf(sent[1])).not.toHaveProperty('ath')
  })

  test('is renewed for once, then proven, and each proof is a new one', async () => {
    const proof = refuse('proof_required')
    const { requests, sent, recoveries } = await bench(
      refuse('session_expired'),
      proof,
      refuse('proof_invalid', { time: new Date().toISOString() }),
      ok,
    )
    expect((await requests.fetch('/notes')).status).toBe(200)
    expect(recoveries()).toBe(1)
    expect(sent).toHaveLength(4)
    expect(claimsOf(sent[2])['jti']).not.toBe(claimsOf(sent[3])['jti'])
  })

  test('a session that is still missing after renewal is told as it is', async () => {
    const { requests, sent } = await bench(refuse('session_expired'))
    expect((await requests.fetch('/notes')).status).toBe(401)
    expect(sent).toHaveLength(2)
  })

  test('corrects the clock by the server, once', async () => {
    const time = new Date(Date.now() + 3_600_000).toISOString()
    const { requests, sent } = await bench(refuse('proof_invalid', { time }))
    await requests.fetch('/auth/devices')
    expect(sent).toHaveLength(2)
    const [before, after] = sent.map((one) => Number(claimsOf(one)['iat']))
    expect(after! - before!).toBeGreaterThan(3590)
  })

  test('POP-03 goes again with the nonce that it is given, once, and from then on by the clock', async () => {
    const time = new Date(Date.now() + 3_600_000).toISOString()
    const { requests, sent } = await bench(refuse('use_dpop_nonce', { time, nonce: 'of now' }), ok)
    expect((await requests.fetch('/auth/devices')).status).toBe(200)
    expect((await requests.fetch('/auth/devices')).status).toBe(200)
    expect(sent.map((one) => claimsOf(one)['nonce'])).toEqual([undefined, 'of now', undefined])
    const [before, after, later] = sent.map((one) => Number(claimsOf(one)['iat']))
    expect(after! - before!).toBeGreaterThan(3590)
    expect(later! - before!).toBeGreaterThan(3590)
  })

  test('POP-03 is told when the nonce does not help either', async () => {
    const time = new Date().toISOString()
    const { requests, sent } = await bench(refuse('use_dpop_nonce', { time, nonce: 'of now' }))
    const response = await requests.fetch('/auth/devices')
    expect([response.status, sent.length]).toEqual([401, 2])
    expect(await response.json()).toMatchObject({ code: 'use_dpop_nonce' })
  })

  test('a 401 of the app itself is its own', async () => {
    const { requests, sent, recoveries } = await bench(
      () => new Response('{"code":"login"}', { status: 401 }),
    )
    const response = await requests.fetch('/notes')
    expect(await response.text()).toBe('{"code":"login"}')
    expect(sent).toHaveLength(1)
    expect(recoveries()).toBe(0)
  })

  test.each<[string, () => BodyInit]>([
    ['a stream', () => new Blob(['a note']).stream()],
    [
      'an iterable',
      () =>
        (async function* () {
          yield new TextEncoder().encode('a note')
        })() as unknown as BodyInit,
    ],
  ])('with %s as body is not sent again, but what can be mended is', async (_name, body) => {
    const { requests, sent, recoveries } = await bench(refuse('session_expired'), ok)
    const init = { method: 'POST', body: body(), duplex: 'half' }
    expect((await requests.fetch('/notes', init)).status).toBe(401)
    expect(sent).toHaveLength(1)
    expect(recoveries()).toBe(1)
  })

  test('that the app aborts ends as the platform ends it', async () => {
    const { requests } = await bench(
      (request) =>
        new Promise((_resolve, reject) => {
          request.signal.addEventListener('abort', () => reject(request.signal.reason))
        }),
    )
    const abort = new AbortController()
    const pending = requests.fetch('/notes', { signal: abort.signal })
    abort.abort()
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('NET-05 that finds no server fails with a sentence', async () => {
    const { requests } = await bench(() => Promise.reject(new TypeError('fetch failed')))
    await expect(requests.fetch('/notes')).rejects.toMatchObject({
      name: 'PairClientError',
      code: 'offline',
      transient: true,
    })
  })
})

describe('a route of ours', () => {
  test('always gets a proof, but for those that take the cookie alone', async () => {
    const { requests, sent } = await bench(ok)
    await requests.fetch('/auth/codes')
    await requests.fetch('/authors')
    await requests.call('GET', '/session', { auth: 'plain' })
    expect(sent.map((one) => one.headers.has('dpop'))).toEqual([true, false, false])
    expect(sent[2]?.cache).toBe('no-store')
  })

  test('gets the body as JSON, and where it is asked for a proof that covers it', async () => {
    const { requests, sent } = await bench(ok)
    await requests.call('POST', '/redeem', { auth: 'body', body: { code: 'x' } })
    expect(sent[0]?.headers.get('content-type')).toBe('application/json')
    expect(await sent[0]?.json()).toEqual({ code: 'x' })
    expect(claimsOf(sent[0])['bodyHash']).toMatch(/^[\w-]{43}$/)
  })

  test('NET-05 answers in errors with a sentence, whatever goes wrong', async () => {
    const { requests } = await bench(
      refuse('insufficient_scope'),
      () => new Response('<html>', { status: 404 }),
      () => Promise.reject(new TypeError('fetch failed')),
      () => new Response('<html>'),
    )
    await expect(requests.json<{ items: unknown }>('items', 'GET', '/codes')).rejects.toMatchObject(
      {
        code: 'insufficient_scope',
        message: 'A sentence.',
      },
    )
    await expect(requests.json<{ items: unknown }>('items', 'GET', '/codes')).rejects.toMatchObject(
      {
        code: 'bad_answer',
        status: 404,
      },
    )
    await expect(requests.json<{ items: unknown }>('items', 'GET', '/codes')).rejects.toMatchObject(
      { code: 'offline' },
    )
    await expect(requests.json<{ items: unknown }>('items', 'GET', '/codes')).rejects.toMatchObject(
      {
        code: 'bad_answer',
        status: 200,
      },
    )
  })
})
