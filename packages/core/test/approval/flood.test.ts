import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../src/encoding/canonical-json.ts'
import { dumpStore } from '../kit/dump.ts'
import { createEdge, HERE, sha256, type Answer, type Edge } from '../kit/edge.ts'

const KEYS = 10_000
const ADDRESSES = 1_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heap(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/** The address of number n, each a network of its own. */
const addressOf = (n: number): string => `198.18.${n >> 8}.${n & 255}`

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Somebody with a key that nobody saw before, made and used in the fastest way there is. */
async function knock(
  edge: Edge,
  route: 'request' | 'redeem',
  address: string,
  more: object = {},
): Promise<Answer> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y } = publicKey.export({ format: 'jwk' })
  const jwk = { kty: 'EC', crv: 'P-256', x, y }
  const path = `/auth/${route}`
  const body = { device: { label: 'A phone', kind: 'app', publicKey: jwk }, ...more }
  const claims = {
    jti: randomBytes(12).toString('base64url'),
    htm: 'POST',
    htu: HERE + path,
    iat: Math.floor(edge.now() / 1_000),
    bodyHash: sha256(canonicalJson(body)),
  }
  const signed = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk })}.${encode(claims)}`
  const signature = sign('sha256', Buffer.from(signed), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  const dpop = `${signed}.${signature.toString('base64url')}`
  return edge.call(path, { body, headers: { dpop }, info: { remoteAddress: address } })
}

/** How many entries of each word the store holds, and how long the journal is. */
async function census({ store }: Edge): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { key } of await dumpStore(store)) {
    const word = key[0] === 'journal' ? 'journal' : key[1]!
    counts[word] = (counts[word] ?? 0) + 1
  }
  return counts
}

const total = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((a, b) => a + b, 0)

test('APP-09 ten thousand keys of a thousand addresses leave next to nothing behind, and room for who holds a code (memory)', async () => {
  const edge = createEdge({ admission: 'approval' })
  await knock(edge, 'request', '192.0.2.1') // warm
  const before = { entries: await census(edge), heap: heap() }

  const statuses = new Map<number, number>()
  const codes = new Set<string>()
  for (let n = 0; n < KEYS; n += 50) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        knock(edge, 'request', addressOf((n + at) % ADDRESSES)),
      ),
    )
    for (const { status, body } of answers) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (status !== 202) codes.add(body.code)
    }
    // ten minutes in all: places run out and are fought for meanwhile
    edge.pass(3_000)
  }
  const after = { entries: await census(edge), heap: heap() }

  const admitted = statuses.get(202) ?? 0
  const grown = total(after.entries) - total(before.entries)
  const heapMb = (after.heap - before.heap) / 2 ** 20
  console.info(
    `${KEYS} keys of ${ADDRESSES} addresses: ${admitted} admitted; store ${total(before.entries)} → ${total(after.entries)} entries; heap +${heapMb.toFixed(1)} MiB`,
    after.entries,
  )
  expect(admitted + (statuses.get(429) ?? 0)).toBe(KEYS)
  expect([...codes]).toEqual(['approval_limited'])
  // sixteen at once, and no place is lost before five minutes
  expect(admitted).toBeLessThanOrEqual(48)
  expect(await edge.pair.approvals.list()).toMatchObject({
    items: Array.from({ length: 16 }, () => ({ codeId: null })),
  })
  // a record, a pointer, a spent proof and a line or two of the journal for each admitted one; nothing of the others
  expect(after.entries.proof! - before.entries.proof!).toBe(admitted)
  expect(grown).toBeLessThanOrEqual(5 * admitted)
  expect(heapMb).toBeLessThan(8)

  await edge.pair.admission.set('code+approval')
  const { typed } = await edge.pair.codes.issue({ origin: HERE, uses: 'unlimited' })
  const holders: number[] = []
  for (let n = 0; n < 32; n++)
    holders.push((await knock(edge, 'redeem', addressOf(n), { code: typed })).status)
  expect(holders).toEqual(Array.from({ length: 32 }, () => 202))

  // and once it was told that they ran out, nothing is left of them at all
  for (const sweep of [edge.pair.sweep, edge.pair.sweep]) {
    edge.pass(2 * 3_600_000)
    await sweep()
  }
  const { approval = 0, proof = 0, 'approval-key': keys = 0 } = await census(edge)
  expect([approval, proof, keys]).toEqual([0, 0, 0])
}, 180_000)
