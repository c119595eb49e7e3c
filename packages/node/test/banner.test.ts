import { createPair, memoryStore, type SecretSource } from '@pair/core'
import { describe, expect, test } from 'vitest'
import { ownerBanner, startupBanner } from '../src/index.ts'
import { readTerminalQr } from './terminal.ts'

const secret = 'Zk3v_x8QmT0pLr4WnB6yHg'
const local = `http://127.0.0.1:3000/pair#code=${secret}`
const base = { link: local, typed: '7KQ-M2P-XW9', now: 0, expiresAt: 600_000, color: false }

describe('the start-up banner', () => {
  test('shows the name, the link, the typed code and where to type it', () => {
    const lines = startupBanner({ ...base, name: 'Notes' })
      .split('\n')
      .map((line) => line.trim())
    expect(lines).toContain('Notes is running.')
    expect(lines).toContain(local)
    expect(lines).toContain('7KQ-M2P-XW9')
    expect(lines).toContain('Or type this code at http://127.0.0.1:3000/pair')
  })

  test('says until when the code is good', () => {
    expect(startupBanner(base)).toMatch(/The code works once, until \d\d:\d\d \(10 minutes\)\./)
    expect(startupBanner({ ...base, expiresAt: 60_000 })).toContain('(1 minute)')
    expect(startupBanner({ ...base, expiresAt: 50_000 })).toContain('(less than a minute)')
    expect(startupBanner({ ...base, expiresAt: 86_400_000 })).toContain('(24 hours)')
  })

  test.each(['dark', 'light'] as const)(
    'draws a QR code that reads back as the link on a %s terminal',
    (theme) => {
      for (const color of [true, false])
        expect(readTerminalQr(startupBanner({ ...base, color }), theme)).toBe(local)
    },
  )

  test('says calmly that a phone can not open a loopback link', () => {
    expect(startupBanner(base)).toContain(
      'Only this computer can open that link: a phone can not reach 127.0.0.1.',
    )
  })

  test('puts the first address that a phone can use into the QR code, and names it and the further ones', () => {
    const addresses = ['http://127.0.0.1:3000', 'http://192.168.1.20:3000', 'http://10.0.0.7:3000']
    const banner = startupBanner({ ...base, addresses })
    expect(readTerminalQr(banner, 'dark')).toBe(`http://192.168.1.20:3000/pair#code=${secret}`)
    expect(banner).toContain('The QR code opens http://192.168.1.20:3000')
    expect(banner).toContain('It is also reached at http://10.0.0.7:3000')
    expect(banner).not.toContain('can not reach')
  })

  test('leaves a link that is no loopback address as it is', () => {
    const link = `https://home.example/notes/pair#code=${secret}`
    const banner = startupBanner({ ...base, link, addresses: ['http://127.0.0.1:3000'] })
    expect(readTerminalQr(banner, 'dark')).toBe(link)
    expect(banner).toContain('Or type this code at https://home.example/notes/pair')
  })

  test('has no escape sequence without colour, and none from the name', () => {
    const banner = startupBanner({ ...base, name: 'Notes\u001B[2J\r' })
    expect(banner).not.toContain('\u001B')
    expect(banner).not.toContain('\r')
  })

  test('can leave the QR code out', () => {
    expect(startupBanner({ ...base, qr: false })).not.toMatch(/[█▀▄]/)
  })
})

describe('the banner of the owner', () => {
  const origin = 'http://127.0.0.1:3000'
  const link = `${origin}/pair#owner=${secret}`
  const owned = { owner: { link, secret }, origin, color: false }

  test('shows the link, the secret, where to enter it, and where requests are decided from then on', () => {
    const lines = ownerBanner({ ...owned, name: 'Notes' })
      .split('\n')
      .map((line) => line.trim())
    expect(lines).toEqual(
      expect.arrayContaining([
        'Notes is running.',
        link,
        secret,
        `Or enter this secret at ${origin}/pair`,
        'It works once, and whoever uses it is the owner: show it to nobody else.',
        `From then on requests are decided at ${origin}/devices`,
      ]),
    )
  })

  test('draws a QR code for the first address that a phone can use', () => {
    expect(readTerminalQr(ownerBanner(owned), 'dark')).toBe(link)
    const addresses = [origin, 'http://192.168.1.20:3000']
    expect(readTerminalQr(ownerBanner({ ...owned, addresses, color: true }), 'light')).toBe(
      `http://192.168.1.20:3000/pair#owner=${secret}`,
    )
    expect(ownerBanner({ ...owned, qr: false })).not.toMatch(/[█▀▄]/)
  })

  test('is of the same look as the one with a code', () => {
    const lines = (text: string): string[] => text.split('\n').map((line) => /^ */.exec(line)![0])
    const [mine, other] = [
      ownerBanner({ ...owned, qr: false }),
      startupBanner({ ...base, qr: false }),
    ]
    expect(lines(mine).slice(0, 10)).toEqual(lines(other).slice(0, 10))
    for (const color of [true, false])
      expect(ownerBanner({ ...owned, color }).includes('\u001B')).toBe(color)
    expect(ownerBanner({ ...owned, name: 'Notes\u001B[2J' })).not.toContain('\u001B')
  })

  test('shows nothing secret once the server has its owner, and where requests are decided', async () => {
    const spent = new Set<string>()
    const secrets: SecretSource = {
      getOrCreate: async () => Uint8Array.from({ length: 32 }, (_, at) => at * 7),
      markSpent: async (name) => !spent.has(name) && spent.add(name).has(name),
      isSpent: async (name) => spent.has(name),
    }
    const pair = createPair({ secret: secrets, store: memoryStore(), admission: 'approval' })
    const before = await pair.ownerSecret({ origin })
    expect(ownerBanner({ owner: before, origin })).toContain(before?.secret)
    await secrets.markSpent('owner')
    const after = ownerBanner({ owner: await pair.ownerSecret({ origin }), origin, name: 'Notes' })
    expect(after.split('\n').filter((line) => line !== '')).toEqual([
      expect.stringContaining('Notes is running.'),
      `  Requests are decided at ${origin}/devices`,
    ])
    await pair.close()
  })

  test('names the page of requests below a sub-path', () => {
    const below = 'https://home.example/notes/'
    expect(ownerBanner({ owner: null, origin: below })).toContain(
      ' https://home.example/notes/devices',
    )
  })
})
