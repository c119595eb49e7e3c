// What every runtime has to be able to do with the packed packages; throws where it can't.

/** Pairs without a key, as curl would, and calls a guarded route with the bearer. */
export async function pairAndCall({ core, client, hono, Hono }) {
  const pair = core.createPair({
    secret: crypto.getRandomValues(new Uint8Array(32)),
    store: core.memoryStore(),
    scopes: ['notes'],
  })
  const issued = await pair.codes.issue({ scopes: ['notes'], origin: 'http://localhost:3000' })
  const redeemed = await pair.handler(
    new Request('http://localhost:3000/auth/redeem', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        code: issued.typed,
        transport: 'bearer',
        device: { label: 'smoke', kind: 'app' },
      }),
    }),
    { remoteAddress: '127.0.0.1' },
  )
  const answer = await redeemed.json()
  equal(redeemed.status, 200, JSON.stringify(answer))

  const call = (token) =>
    new Request('http://localhost:3000/notes', {
      headers: token ? { authorization: `Bearer ${token}` } : {},
    })
  const info = { remoteAddress: '127.0.0.1' }
  const stranger = await pair.guard(call(), info, { scopes: ['notes'] })
  equal(stranger.ok, false, 'a stranger')
  equal(stranger.response.status, 401, 'a stranger')
  const paired = await pair.guard(call(answer.accessToken), info, { scopes: ['notes'] })
  equal(paired.ok, true, 'the paired device')

  const app = new Hono()
  app.use(hono.pairHono(pair))
  app.get('/notes', hono.requireSession(pair, { scopes: ['notes'] }), (c) => c.text('notes'))
  equal((await app.request(call(answer.accessToken))).status, 200, 'the route')
  equal((await app.request(call())).status, 401, 'the route, for a stranger')
  equal(typeof client.createPairClient, 'function', 'the client')
  await pair.close()
}

function equal(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: ${actual}, not ${expected}`)
}
