import { describe, expect, test } from 'vitest'
import { sendResponse } from '../src/index.ts'
import { compress } from './compress.ts'
import { get, sending, silentAfter } from './sending.ts'
import { serve } from './serving.ts'

describe('sendResponse over a stream', () => {
  test('hands each piece of a stream on as it comes, and cancels it at once when the peer goes', async () => {
    for (const leave of ['destroy', 'resetAndDestroy', 'end'] as const) {
      const { body, over } = silentAfter('one ', 'two ')
      const server = await sending(() => new Response(body))
      const { socket, until } = server.dial(get(server))
      await until(/one [^]*two /)
      expect([over(), server.ends]).toEqual([false, []])
      socket[leave]()
      if (leave === 'end') socket.destroy()
      await expect.poll(over).toBe(true)
      await expect.poll(() => server.ends).toEqual(['sent'])
    }
  })

  test('goes on where a middleware wraps `write` and answers nothing', async () => {
    const server = await sending((outgoing) => {
      const write = outgoing.write.bind(outgoing) as (piece: unknown) => boolean
      Object.assign(outgoing, { write: (piece: unknown) => void write(piece) })
      return new Response(silentAfter('one ', 'two ', 'three ').body)
    })
    const { socket, until } = server.dial(get(server))
    await until(/one [^]*two [^]*three /)
    socket.destroy()
    await expect.poll(() => server.ends).toEqual(['sent'])
  })

  test('asks a stream for no more than the peer reads, and all of it arrives', async () => {
    const piece = new Uint8Array(65_536).fill(120)
    let asked = 0
    const server = await sending(() => {
      asked = 0
      const body = new ReadableStream<Uint8Array>(
        { pull: (controller) => (asked++ < 400 ? controller.enqueue(piece) : controller.close()) },
        { highWaterMark: 0 },
      )
      return new Response(body)
    })
    const dialled = server.dial('')
    dialled.socket.pause()
    dialled.socket.write(get(server).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
    let before = -1
    await expect
      .poll(
        () => {
          const settled = asked > 0 && asked === before
          before = asked
          return settled
        },
        { interval: 200, timeout: 10_000 },
      )
      .toBe(true)
    expect(asked).toBeLessThan(400)
    expect(server.answers[0]!.writableLength).toBeLessThan(4 * piece.length)
    expect(server.answers[0]!.listenerCount('close')).toBeLessThan(5)
    const sleeper = server.dial('')
    sleeper.socket.pause()
    sleeper.socket.write(get(server))
    await expect.poll(() => server.answers[1]?.writableNeedDrain).toBe(true)
    sleeper.socket.destroy()
    await expect.poll(() => server.ends).toEqual(['sent'])
    dialled.socket.resume()
    expect((await dialled.closed()).match(/x/g)!.length).toBeGreaterThanOrEqual(400 * piece.length)
  })

  test('writes nothing where another has answered, and cancels the body', async () => {
    const whole = silentAfter('unheard')
    const before = await sending((outgoing) => {
      outgoing.end('theirs')
      return new Response(whole.body, { headers: { 'x-ours': '1' } })
    })
    const answer = await fetch(before.origin)
    expect([await answer.text(), answer.headers.get('x-ours')]).toEqual(['theirs', null])
    await expect.poll(() => [whole.over(), before.ends]).toEqual([true, ['sent']])

    const begun = silentAfter()
    const midst = await sending((outgoing) => {
      outgoing.write('theirs, ')
      return new Response(begun.body)
    })
    const { until } = midst.dial(get(midst))
    await until(/theirs, /)
    await expect.poll(() => [begun.over(), midst.ends]).toEqual([true, ['sent']])
    midst.answers[0]!.end('and the rest')
    await until(/and the rest/)
  })

  test('gives way where another answers before the first piece or in the midst of them', async () => {
    let source: ReadableStreamDefaultController<Uint8Array>
    let cancelled = 0
    const server = await sending(() => {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => void (source = controller),
        cancel: () => void cancelled++,
      })
      return new Response(body)
    })
    const piece = (text: string): void => source.enqueue(new TextEncoder().encode(text))
    const early = server.dial(get(server))
    await expect.poll(() => server.answers).toHaveLength(1)
    server.answers[0]!.write('theirs')
    piece('unheard')
    expect(await early.until(/theirs/)).not.toContain('unheard')
    await expect.poll(() => [cancelled, server.ends]).toEqual([1, ['sent']])

    const late = server.dial(get(server))
    await expect.poll(() => server.answers).toHaveLength(2)
    piece('one ')
    await late.until(/one /)
    server.answers[1]!.end('theirs')
    piece('unheard')
    expect(await late.until(/theirs/)).not.toContain('unheard')
    await expect.poll(() => [cancelled, server.ends]).toEqual([2, ['sent', 'sent']])
  })

  test('writes nothing to a peer that is gone, and cancels the body', async () => {
    const { body, over } = silentAfter()
    const results: string[] = []
    const server = await serve((_, outgoing) => {
      outgoing.on('close', () => {
        sendResponse(outgoing, new Response(body)).then(
          () => results.push(`sent ${String(outgoing.headersSent)}`),
          (error: Error) => results.push(error.message),
        )
      })
      outgoing.req.socket.destroy()
    })
    await server.dial(get(server)).closed()
    await expect.poll(() => [over(), results]).toEqual([true, ['sent false']])
  })

  test('lets every piece through a middleware that compresses, and waits for it where it is full', async () => {
    const pieces = Array.from({ length: 300 }, (_, n) => `event ${n}\n`.repeat(400))
    const { body, over } = silentAfter(...pieces)
    const server = await sending((outgoing) => {
      compress(outgoing)
      return new Response(body)
    })
    const answer = await fetch(server.origin)
    let text = ''
    const decoder = new TextDecoder()
    for await (const piece of answer.body!) {
      text += decoder.decode(piece)
      if (text.length === pieces.join('').length) break
    }
    expect(text).toBe(pieces.join(''))
    await expect.poll(over).toBe(true)
  })
})
