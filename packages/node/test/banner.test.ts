import { describe, expect, test } from 'vitest'
import { startupBanner } from '../src/index.ts'
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
