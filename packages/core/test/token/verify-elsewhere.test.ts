import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createPair } from '../../src/create-pair.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { ROOMY } from '../kit/roomy.ts'
import { SCREENS } from '../kit/screens.ts'
import { SECRET } from '../kit/server.ts'
import { createVerifier } from './verifier-elsewhere.ts'

const ROOT = join(import.meta.dirname, '../../../..')

interface Answer {
  session?: { id: `ses_${string}` }
  accessToken?: string
  resourceToken?: string
}

/** A pair on a port of this machine, by the true clock; and what one asks of it. */
async function listen(): Promise<{
  origin: string
  issuer: string
  rotate(): Promise<unknown>
  /** A token of a fresh device for that resource. */
  token(resource: string): Promise<{ token: string; revoke(): Promise<void> }>
}> {
  const pair = createPair({
    secret: SECRET,
    store: memoryStore(),
    signing: 'eddsa',
    resources: SCREENS,
    limits: ROOMY,
  })
  const server = createServer((request, response) => {
    void pair
      .handler(new Request(`http://${request.headers.host}${request.url}`), {
        remoteAddress: request.socket.remoteAddress ?? '',
      })
      .then(async (answer) => {
        response.writeHead(answer?.status ?? 404, Object.fromEntries(answer?.headers ?? []))
        response.end(await answer?.text())
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    await pair.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const post = async (path: string, body: object, token?: string): Promise<Answer> => {
    const headers = {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    }
    const request = new Request(origin + path, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return (await (await pair.handler(request, { remoteAddress: '127.0.0.1' }))!.json()) as never
  }
  return {
    origin,
    issuer: await pair.signingKeys.issuer(),
    rotate: () => pair.signingKeys.rotate({ old: 'end' }),
    async token(resource) {
      const { typed } = await pair.codes.issue({ scopes: ['screen:view'], origin })
      const { session, accessToken } = await post('/auth/redeem', {
        code: typed,
        transport: 'bearer',
      })
      const body = { resource, mode: 'view' }
      const { resourceToken } = await post('/auth/resource-tokens', body, accessToken)
      return {
        token: resourceToken!,
        revoke: () => pair.sessions.revoke(session!.id),
      }
    },
  }
}

test('SES-11 the page of keys shows this verifier to the letter', () => {
  const page = readFileSync(join(ROOT, 'docs/keys.md'), 'utf8')
  const example = readFileSync(join(import.meta.dirname, 'verifier-elsewhere.ts'), 'utf8')
  expect(page).toContain(`\`\`\`ts\n${example}\`\`\``)
})

test('SES-11 another service verifies resource tokens by jose and the key set, over the network', async () => {
  const { origin, issuer, token, rotate } = await listen()
  const verify = createVerifier(origin, issuer)
  const wall = await token('screen:wall')
  expect(await verify(wall.token, 'screen:wall')).toBe('view')
  await expect(verify(wall.token, 'screen:other')).rejects.toThrow('another resource')
  await expect(createVerifier(origin, 'ffffffff')(wall.token, 'screen:wall')).rejects.toThrow(
    /"iss"/,
  )
  // A revoke it does not hear of, an end of the keys as soon as it asks for them again.
  await wall.revoke()
  expect(await verify(wall.token, 'screen:wall')).toBe('view')
  await rotate()
  await expect(createVerifier(origin, issuer)(wall.token, 'screen:wall')).rejects.toThrow(/key/)
  const fresh = await token('screen:wall')
  expect(await createVerifier(origin, issuer)(fresh.token, 'screen:wall')).toBe('view')
})
