import { describe, expect, test } from 'vitest'
import { bench, claimsOf, HOME, ok } from './kit/bench.ts'

describe('credentials stay with their server', () => {
  test.each(['https://evil.example/notes', '//evil.example/x', 'http://home.example/notes'])(
    'nothing is sent to %s',
    async (address) => {
      const { requests, sent, credentials } = await bench(ok)
      credentials.token = 'secret-token'
      await expect(requests.fetch(address)).rejects.toMatchObject({ code: 'foreign_origin' })
      await expect(requests.fetch(new Request(new URL(address, HOME)))).rejects.toMatchObject({
        code: 'foreign_origin',
      })
      expect(sent).toEqual([])
    },
  )

  test('a signed request follows no redirect', async () => {
    const { requests, sent } = await bench(
      () => new Response(null, { status: 307, headers: { location: 'https://evil.example/' } }),
    )
    await expect(requests.fetch('/auth/devices')).rejects.toMatchObject({
      code: 'redirected',
      transient: false,
    })
    await expect(
      requests.call('POST', '/renew', { auth: 'alone', body: {} }),
    ).rejects.toMatchObject({ code: 'redirected' })
    expect(sent.map((one) => one.redirect)).toEqual(['manual', 'manual'])
  })

  test('what the app says of redirects holds, but for following', async () => {
    const { requests, sent } = await bench(() => new Response(null, { status: 302 }))
    expect((await requests.fetch('/auth/devices', { redirect: 'manual' })).status).toBe(302)
    await requests.fetch('/auth/devices', { redirect: 'error' })
    expect(sent.map((one) => one.redirect)).toEqual(['manual', 'error'])
  })
})

describe('an access token', () => {
  test('goes with a proof that covers it', async () => {
    const { requests, sent, credentials } = await bench(ok)
    credentials.token = 'abc'
    await requests.fetch('/notes')
    expect(sent[0]?.headers.get('authorization')).toBe('DPoP abc')
    expect(claimsOf(sent[0])['ath']).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
  })

  test('is left at home where the app sends a credential of its own', async () => {
    const { requests, sent, credentials } = await bench(ok)
    credentials.token = 'abc'
    await requests.fetch('/notes', { headers: { authorization: 'Bearer of-the-app' } })
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer of-the-app')
    expect(sent[0]?.headers.has('dpop')).toBe(false)
  })

  test('is not needed for renewal: the key alone asks', async () => {
    const { requests, sent, credentials } = await bench(ok)
    credentials.token = 'abc'
    await requests.call('POST', '/renew', { auth: 'alone', body: {} })
    expect(sent[0]?.headers.has('authorization')).toBe(false)
    expect(claimsOf(sent[0])).not.toHaveProperty('ath')
  })
})
