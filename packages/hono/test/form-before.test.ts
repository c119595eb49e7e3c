import { createPair, memoryStore } from '@pair/core'
import { oauth } from '@pair/core/oauth'
import { Hono, type Context } from 'hono'
import { expect, test } from 'vitest'
import { pairHono } from '../src/index.ts'

const TYPE = 'application/x-www-form-urlencoded'

/** How a middleware before the mount may have read a form. */
const READ: Readonly<Record<string, (c: Context) => Promise<unknown>>> = {
  parseBody: (c) => c.req.parseBody(),
  formData: (c) => c.req.formData(),
  text: (c) => c.req.text(),
  arrayBuffer: (c) => c.req.arrayBuffer(),
}

test.each(Object.entries(READ))(
  'NET-03 a form that was read by `c.req.%s` before the mount is the form that came, doubled names too',
  async (_name, read) => {
    const pair = createPair({
      secret: 'a secret of this test, 32 bytes or more',
      store: memoryStore(),
      admission: 'approval',
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      extensions: [oauth({ clients: [{ id: 'cli', label: 'The CLI' }] })],
    })
    const app = new Hono()
    app.use(async (c, next) => {
      await read(c)
      await next()
    })
    app.use(pairHono(pair))
    const ask = async (body: string): Promise<unknown[]> => {
      const request = { method: 'POST', headers: { 'content-type': TYPE }, body }
      const answer = await app.request('http://localhost/auth/device_authorization', request)
      return [answer.status, ((await answer.json()) as { error?: string }).error]
    }
    expect(await ask('client_id=cli')).toEqual([200, undefined])
    expect(await ask('client_id=cli&client_id=cli')).toEqual([400, 'invalid_request'])
    expect(await ask('client_id=cli&scope=%FF')).toEqual([400, 'invalid_request'])
    expect(await ask('__proto__=x&client_id=cli')).toEqual([200, undefined])
    expect(await ask('')).toEqual([400, 'invalid_client'])
    await pair.close()
  },
)
