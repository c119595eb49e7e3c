import { expect, test } from 'vitest'
import { memoryKeyStore } from '../src/index.ts'
import { createHome } from './kit/home.ts'

function gate(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  return { promise: new Promise<void>((done) => (resolve = done)), resolve: () => resolve() }
}

test.each(['before', 'after'] as const)(
  'CLT-03 a request that was on its way at the log-out does not make it look like a revoke: answered %s the key is forgotten',
  async (order) => {
    const home = createHome()
    const inner = memoryKeyStore()
    let slow: Promise<void> | undefined
    const keyStore: typeof inner = {
      ...inner,
      async mark(paired) {
        await slow
        return inner.mark(paired)
      },
    }
    const client = home.profile({ keyStore }).open()
    await client.start()
    await client.redeem((await home.code()).secret)

    const loggedOut = gate()
    const renewRefused = gate()
    const forgotten = gate()
    const kept = gate()
    home.between(async (request, next) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/notes') await loggedOut.promise
      const response = await next()
      if (pathname === '/auth/logout') {
        // the key is still marked as paired when the other answer comes
        slow = kept.promise
        loggedOut.resolve()
      }
      if (pathname !== '/auth/renew') return response
      renewRefused.resolve()
      if (order === 'after') await forgotten.promise
      return response
    })
    const seen: string[] = []
    client.subscribe(() => seen.push(client.getSnapshot().status))
    const notes = client.fetch('/notes')
    const logout = client.logout()
    await renewRefused.promise
    kept.resolve()
    await logout
    forgotten.resolve()
    expect((await notes).status).toBe(401)
    await expect.poll(() => client.getSnapshot().status).toBe('unpaired')
    expect(seen).not.toContain('blocked')
  },
)
