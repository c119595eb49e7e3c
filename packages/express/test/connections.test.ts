import { memoryStore, type Store } from '@pair/core'
import { describe, expect, test, vi } from 'vitest'
import { pairExpress, requireSession } from '../src/index.ts'
import { compress } from '../../node/test/compress.ts'
import { frameworks, startHome, type Dialled, type Home, type HomeOptions } from './kit/home.ts'

/** A request of these lines; the connection stays open behind it. */
const request = (home: Home, line: string, headers: readonly string[] = [], body = ''): string =>
  [`${line} HTTP/1.1`, `Host: ${home.host}`, ...headers, '', body].join('\r\n')
const last = ['Connection: close']
const statuses = (text: string): string[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status!)

describe.each(frameworks)('a connection (%s)', (_, express) => {
  const start = (options = {}): Promise<Home> =>
    startHome(
      express,
      (app, pair) => {
        app.post('/notes', requireSession(pair), (req, res) => void req.pipe(res))
        app.get('/n/:n', requireSession(pair), (req, res) => void res.send(`<${req.params['n']}>`))
      },
      options,
    )

  test('stays good after a refusal whose body nobody read, or read in part', async () => {
    const home = await start()
    const body = JSON.stringify({ code: '222-222-222', x: 'x'.repeat(3_000_000) })
    const json = ['Content-Type: application/json']
    const whole = [...json, `Content-Length: ${body.length}`]
    const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
    const refusals: [status: string, bytes: string][] = [
      ['401', request(home, 'POST /notes', whole, body)],
      ['413', request(home, 'POST /auth/redeem', whole, body)],
      ['413', request(home, 'POST /auth/redeem', [...json, 'Transfer-Encoding: chunked'], chunked)],
      ['405', request(home, 'POST /auth/session', whole, body)],
      ['404', request(home, 'POST /auth/nothing', whole, body)],
      ['403', request(home, 'POST /auth/redeem', [...whole, 'Origin: https://evil.example'], body)],
      ['401', request(home, 'DELETE /auth/sessions/x', whole, body)],
      ['200', request(home, 'GET /auth/session', whole, body)],
    ]
    for (const [status, bytes] of refusals) {
      const { closed } = home.dial(bytes + request(home, 'GET /auth/session', last))
      expect(statuses(await closed())).toEqual([status, '200'])
    }
    const { closed } = home.dial(
      refusals.map(([, bytes]) => bytes).join('') + request(home, 'GET /auth/session', last),
    )
    expect(statuses(await closed())).toEqual([...refusals.map(([status]) => status), '200'])
  })

  test('waits for 100 Continue, and a guard may answer without the body', async () => {
    const home = await start()
    const body = JSON.stringify({ code: await home.code() })
    const headers = [
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      'Expect: 100-continue',
      ...last,
    ]
    const pairing = home.dial(request(home, 'POST /auth/redeem', headers))
    await pairing.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
    pairing.socket.write(body)
    expect(statuses(await pairing.closed())).toEqual(['100', '200'])
    const refused = home.dial(request(home, 'POST /notes', headers))
    expect(await refused.until(/session_required/)).toMatch(/^HTTP\/1\.1 401 /m)
  })

  test('answers 40 pipelined requests in their order', async () => {
    const home = await start()
    const { authorization } = await home.bearer()
    const asked = Array.from({ length: 40 }, (_, n) => n)
    const bytes = asked.map((n) =>
      request(home, `GET ${n % 4 === 3 ? '/auth/session' : `/n/${n}`}`, [
        ...(n % 2 === 0 ? [`Authorization: ${authorization}`] : []),
        ...(n === 39 ? last : []),
      ]),
    )
    const text = await home.dial(bytes.join('')).closed()
    expect(statuses(text)).toEqual(asked.map((n) => (n % 4 === 1 ? '401' : '200')))
    expect([...text.matchAll(/<(\d+)>/g)].map(([, n]) => Number(n))).toEqual(
      asked.filter((n) => n % 2 === 0),
    )
  })

  test('that is gone before its answer gets none, and the server goes on', async () => {
    const real = memoryStore()
    let release: () => void = () => {}
    let held: Promise<void> | undefined
    const store: Store = {
      ...real,
      async read(...keys) {
        await held
        return real.read(...keys)
      },
    }
    const home = await start({ store })
    const { authorization } = await home.bearer()
    const answers: { sent: boolean; closed: boolean }[] = []
    home.server.on('request', (_, res) => {
      const answer = { sent: false, closed: false }
      answers.push(answer)
      res.once('close', () => Object.assign(answer, { sent: res.headersSent, closed: true }))
    })
    for (const path of ['/n/1', '/auth/session', '/auth/sessions']) {
      held = new Promise((resolve) => (release = resolve))
      const { socket } = home.dial(
        request(home, `GET ${path}`, [`Authorization: ${authorization}`]),
      )
      await vi.waitFor(() => expect(answers.at(-1)?.closed).toBe(false))
      socket.resetAndDestroy()
      await vi.waitFor(() => expect(answers.at(-1)?.closed).toBe(true))
      release()
    }
    held = undefined
    expect((await home.call('/n/7', { headers: { authorization } })).text).toBe('<7>')
    expect(answers.slice(0, 3).map(({ sent }) => sent)).not.toContain(true)
    expect(home.errors).toEqual([])
  })
})

describe.each(frameworks)('a stream of events (%s)', (_, express) => {
  /** Mounts @pair and counts the streams of core that are open. */
  function counting(): { mount: NonNullable<HomeOptions['mount']>; open(): number } {
    let open = 0
    const counted = (body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> => {
      open++
      const reader = body.getReader()
      void reader.closed.finally(() => open--)
      return new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            const { done, value } = await reader.read()
            if (done) controller.close()
            else controller.enqueue(value)
          },
          cancel: (reason) => reader.cancel(reason),
        },
        { highWaterMark: 0 },
      )
    }
    return {
      open: () => open,
      mount: (app, pair) =>
        app.use(
          pairExpress({
            ...pair,
            async handler(request, info) {
              const response = await pair.handler(request, info)
              const type = response?.headers.get('content-type')
              return response?.body && type?.startsWith('text/event-stream')
                ? new Response(counted(response.body), response)
                : response
            },
          }),
        ),
    }
  }

  test('EVT-01 is cancelled in core when its reader goes, however it goes', async () => {
    const { mount, open } = counting()
    const home = await startHome(express, undefined, { mount })
    const owner = await home.owner()
    const headers = async (): Promise<string[]> =>
      Object.entries(await owner.headers('GET', '/auth/access/events')).map(
        ([name, value]) => `${name}: ${value}`,
      )
    const leave = [
      ({ socket }: Dialled) => socket.resetAndDestroy(),
      ({ socket }: Dialled) => socket.destroy(),
      ({ socket }: Dialled) => socket.pause().destroy(),
    ]
    await owner.call('/auth/access/events', { method: 'HEAD' })
    for (const [n, go] of leave.entries()) {
      const reader = home.dial(request(home, 'GET /auth/access/events', await headers()))
      await reader.until(/: open/)
      await home.pair.devices.rename(owner.deviceId, `renamed ${n}`)
      await reader.until(/event: change/)
      expect(open()).toBe(1)
      go(reader)
      await vi.waitFor(() => expect(open()).toBe(0))
    }
    expect(home.errors).toEqual([])
  })

  test('EVT-01 passes a middleware that compresses as it comes, and is cancelled there too', async () => {
    const { mount, open } = counting()
    const home = await startHome(
      express,
      (app) => app.get('/large', (req, res) => void res.send('large '.repeat(10_000))),
      { mount, before: (app) => app.use((_req, res, next) => (compress(res), next())) },
    )
    const owner = await home.owner()
    const abort = new AbortController()
    const answer = await fetch(`${home.origin}/auth/access/events`, {
      headers: await owner.headers('GET', '/auth/access/events'),
      signal: abort.signal,
    })
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    let text = ''
    const reading = (async () => {
      for await (const piece of answer.body!) text += new TextDecoder().decode(piece)
    })().catch(() => 'gone')
    await vi.waitFor(() => expect(text).toContain(': open'))
    for (const label of ['one', 'two', 'three']) {
      await home.pair.devices.rename(owner.deviceId, label)
      await vi.waitFor(() => expect(text).toContain(`"label":"${label}"`))
    }
    expect(open()).toBe(1)
    abort.abort()
    expect(await reading).toBe('gone')
    await vi.waitFor(() => expect(open()).toBe(0))
    expect(await home.call('/auth/session')).toMatchObject({ body: { authenticated: false } })
    expect((await home.call('/large')).text).toHaveLength(60_000)
  })
})
