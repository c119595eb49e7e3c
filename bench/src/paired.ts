import { createPair, memoryStore, type Pair, type PairOptions } from '@pair/core'

export type Scope = 'notes:read'

/** One instance, and the access token of a bearer session of it. */
export interface Paired {
  pair: Pair<Scope>
  token: string
}

/** A server with one paired app, on the memory store. */
export async function startPaired(
  port: number,
  options: Partial<PairOptions<Scope>> = {},
): Promise<Paired> {
  const origin = `http://127.0.0.1:${port}`
  const pair = createPair<Scope>({
    secret: crypto.getRandomValues(new Uint8Array(32)),
    store: memoryStore(),
    scopes: ['notes:read'],
    ...options,
  })
  const { typed } = await pair.startupCode({ origin })
  const redeemed = await pair.handler(
    new Request(`${origin}/auth/redeem`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: typed, transport: 'bearer' }),
    }),
    { remoteAddress: '127.0.0.1' },
  )
  const { accessToken } = (await redeemed!.json()) as { accessToken: string }
  return { pair, token: accessToken }
}
