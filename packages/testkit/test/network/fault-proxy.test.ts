import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { faultProxy, type NetworkFault } from '@pair/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connected, lineServer, proxied, until } from './line-server.ts'

describe('a fault proxy', { timeout: 30_000 }, () => {
  it('SEC-05 without a plan passes what both ends send, and their ends', async () => {
    const { proxy, asked, sockets } = await proxied()
    const { socket, ask, ended } = await connected(proxy)
    expect([await ask('a'), await ask('b')]).toEqual(['did a', 'did b'])
    socket.end()
    expect(await ended).toBe(null)
    expect(asked).toEqual(['a', 'b'])
    await until(() => sockets[0]!.destroyed && proxy.open() === 0)
    expect(proxy.struck()).toEqual({ cut: 0, 'lose-answer': 0, swallow: 0, delay: 0 })
  })

  it('SEC-05 takes no faster than the other end does, and passes many megabytes whole', async () => {
    const bytes = Buffer.alloc(64 << 20, 'x')
    const sending: Socket[] = []
    const source = createServer((socket) => {
      sending.push(socket.on('error', () => {}))
      socket.end(bytes)
    }).listen(0, '127.0.0.1')
    await once(source, 'listening')
    onTestFinished(() => void source.close())
    const proxy = await faultProxy({ port: (source.address() as AddressInfo).port })
    onTestFinished(() => proxy.close())
    const { socket } = await connected(proxy)
    await until(() => sending.length > 0)
    let turns = 3_000 // as many chunks
    await until(() => --turns === 0)
    expect(sending[0]!.writableLength).toBeGreaterThan(0)
    let received = 0
    for await (const chunk of socket) received += (chunk as Buffer).length
    expect(received).toBe(bytes.length)
  })

  it('SEC-05 cuts all that is open at once: both ends are reset', async () => {
    const { proxy, sockets } = await proxied()
    const [one, two] = [await connected(proxy), await connected(proxy)]
    await Promise.all([one.ask('a'), two.ask('b')])
    const resets = sockets.map(
      (socket) =>
        new Promise((resolve) =>
          socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
        ),
    )
    proxy.strike('cut')
    expect([await one.ended, await two.ended]).toEqual(['ECONNRESET', 'ECONNRESET'])
    expect(await Promise.all(resets)).toEqual(['ECONNRESET', 'ECONNRESET'])
    expect(proxy.struck().cut).toBe(2)
    expect(await (await connected(proxy)).ask('d')).toBe('did d')
  })

  it('SEC-05 cuts the request of which `when` says so, before the server hears of it', async () => {
    const { proxy, asked } = await proxied()
    const [one, two] = [await connected(proxy), await connected(proxy)]
    proxy.strike('cut', { when: (request) => request.includes('COMMIT') })
    expect(await one.ask('BEGIN')).toBe('did BEGIN')
    expect(await two.ask('COMMIT')).toBe('ECONNRESET')
    expect(await one.ask('COMMIT')).toBe('did COMMIT')
    expect(asked).toEqual(['BEGIN', 'COMMIT'])
  })

  it('SEC-05 asks `when` once a request, however many pieces it comes in', async () => {
    const got: string[] = []
    const silent = createServer((socket) => {
      socket.on('error', () => {}).on('data', (bytes) => got.push(String(bytes)))
      socket.on('data', () => got.length === 2 && socket.write('did both'))
    }).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    onTestFinished(() => void silent.close())
    const proxy = await faultProxy({ port: (silent.address() as AddressInfo).port })
    onTestFinished(() => proxy.close())
    const { socket, ask } = await connected(proxy)
    const seen: string[] = []
    proxy.strike('cut', { when: (request) => seen.push(String(request)) < 0 })
    socket.write('one')
    await until(() => got.length === 1)
    expect(await ask('half')).toBe('did both')
    socket.write('next')
    await until(() => got.length === 3)
    expect(seen).toEqual(['one', 'next'])
  })

  it('SEC-05 loses an answer: the server did what it was asked, and the app is reset', async () => {
    const { proxy, asked } = await proxied()
    const [one, two] = [await connected(proxy), await connected(proxy)]
    await one.ask('a')
    proxy.strike('lose-answer', { when: (request) => request.includes('b') })
    expect(await two.ask('c')).toBe('did c')
    expect(await one.ask('b')).toBe('ECONNRESET')
    expect(asked).toEqual(['a', 'c', 'b'])
    proxy.strike('lose-answer')
    expect(await two.ask('d')).toBe('ECONNRESET')
    expect(asked.at(-1)).toBe('d')
    expect(proxy.struck()['lose-answer']).toBe(2)
  })

  it('SEC-05 swallows: takes what comes, hands on nothing, tells nobody, and is cut when it is healed', async () => {
    const { proxy, asked, sockets } = await proxied()
    const one = await connected(proxy)
    await one.ask('a')
    proxy.strike('swallow')
    const answer = one.ask('b')
    let isOver = false
    void answer.then(() => (isOver = true))
    sockets[0]!.write('by myself')
    // another connection goes to and fro meanwhile
    const two = await connected(proxy)
    for (let turn = 0; turn < 20; turn++) expect(await two.ask('c')).toBe('did c')
    expect(isOver).toBe(false)
    expect(asked).not.toContain('b')
    proxy.heal()
    expect(await answer).toBe('ECONNRESET')
    expect(await two.ask('d')).toBe('did d')
  })

  it('SEC-05 that swallows keeps the server’s end open though the app goes away', async () => {
    const { proxy, sockets } = await proxied()
    proxy.plan('swallow')
    const one = await connected(proxy)
    const two = await connected(proxy)
    await two.ask('a')
    one.socket.resetAndDestroy()
    for (let turn = 0; turn < 20; turn++) await two.ask('b')
    expect(sockets.map((socket) => socket.destroyed)).toEqual([false, false])
    expect(proxy.open()).toBe(2)
  })

  it('SEC-05 delays what is sent, of the connections that it strikes', async () => {
    const { proxy, asked } = await proxied()
    const [slow, fast] = [await connected(proxy), await connected(proxy)]
    await Promise.all([slow.ask('a'), fast.ask('b')])
    proxy.strike({ delayMs: 60_000 })
    proxy.plan([null])
    slow.socket.write('never')
    const late = await connected(proxy)
    expect(await late.ask('c')).toBe('did c')
    expect(asked.toSorted()).toEqual(['a', 'b', 'c'])
    expect(proxy.struck().delay).toBe(2)
  })

  it('SEC-05 keeps the order of what is delayed when it is healed meanwhile', async () => {
    const { proxy, asked } = await proxied()
    const slow = await connected(proxy)
    await slow.ask('a')
    proxy.strike({ delayMs: 100 })
    const got: string[] = []
    slow.socket.on('data', (bytes) => got.push(String(bytes)))
    slow.socket.write('b')
    const other = await connected(proxy)
    await other.ask('x')
    proxy.heal()
    slow.socket.write('c')
    await until(() => got.join('').includes('c'))
    expect(asked.join('').replace('x', '')).toBe('abc')
  })

  it('SEC-05 meets the next connections with their plan, one each', async () => {
    const { proxy, asked } = await proxied()
    proxy.plan([null, 'cut', 'lose-answer', { delayMs: 1 }])
    const answers: (string | null)[] = []
    for (const line of ['a', 'b', 'c', 'd', 'e'])
      answers.push(await (await connected(proxy)).ask(line))
    expect(answers).toEqual(['did a', 'ECONNRESET', 'ECONNRESET', 'did d', 'did e'])
    expect(asked).toEqual(['a', 'c', 'd', 'e'])
  })

  it('SEC-05 refuses connections and keeps the open ones, until it accepts again at its port', async () => {
    const { proxy } = await proxied()
    const one = await connected(proxy)
    await one.ask('a')
    proxy.refuse()
    expect(await (await connected(proxy)).ask('b')).toBe('ECONNREFUSED')
    expect(await one.ask('c')).toBe('did c')
    await proxy.accept()
    expect(await (await connected(proxy)).ask('d')).toBe('did d')
  })

  it('SEC-05 resets the app where there is no server', async () => {
    const { port } = await lineServer()
    const gone = await faultProxy({ port })
    await gone.close()
    const proxy = await faultProxy({ port: gone.port })
    onTestFinished(() => proxy.close())
    expect(await (await connected(proxy)).ask('a')).toBe('ECONNRESET')
  })

  it('SEC-05 storms by its seed: the same faults for the same requests', async () => {
    const { proxy, asked } = await proxied()
    async function weather(seed: number, chance: number): Promise<string> {
      const faults: NetworkFault[] = ['cut', 'lose-answer', { delayMs: 1 }]
      proxy.storm({ seed, chance, faults })
      let told = ''
      for (let turn = 0; turn < 40; turn++) {
        const before = { ...proxy.struck(), asked: asked.length }
        const answer = await (await connected(proxy)).ask('x')
        const isDelayed = proxy.struck().delay > before.delay
        told +=
          answer === 'did x' ? (isDelayed ? 'd' : '.') : asked.length > before.asked ? 'l' : 'c'
      }
      proxy.storm(null)
      return told
    }
    const first = await weather(1, 0.5)
    expect(await weather(1, 0.5)).toBe(first)
    expect(await weather(2, 0.5)).not.toBe(first)
    expect(new Set(first)).toEqual(new Set('.dlc'))
    expect(await weather(1, 0)).toBe('.'.repeat(40))
    expect(await weather(1, 1)).not.toContain('.')
  })

  it('SEC-05 closes: all ends are reset and the port is free', async () => {
    const { proxy, sockets } = await proxied()
    const one = await connected(proxy)
    await one.ask('a')
    await proxy.close()
    expect(await one.ended).toBe('ECONNRESET')
    expect(await (await connected(proxy)).ask('c')).toBe('ECONNREFUSED')
    await until(() => sockets[0]!.destroyed)
  })
})
