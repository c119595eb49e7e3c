// What it takes to know an agent by its key, beside the least that it can take. Run with
// `node --conditions=@pair/source bench/src/agent-keys.ts`.
import { createHash } from 'node:crypto'
import { createPair, memoryStore } from '@pair/core'
import { agent } from '@pair/core/agent'
import { rate } from './rate.ts'
import { interleave, table, type Check } from './rounds.ts'

const ROUNDS = 21
const ROUND_MS = 60
/** More than are remembered: each comes as if it had not been seen. */
const UNSEEN = 12_000
const URL = 'http://127.0.0.1:3000/jobs'

const pair = createPair({
  secret: crypto.getRandomValues(new Uint8Array(32)),
  store: memoryStore(),
  scopes: ['jobs:run'],
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  extensions: [agent()],
})
const info = { remoteAddress: '127.0.0.1', encrypted: false }
const need = { who: 'agent', scopes: ['jobs:run'] } as const

async function issue(name: string): Promise<string> {
  return (await pair.agentKeys.issue({ agent: name, scopes: ['jobs:run'] })).key
}

/** A request as adapters show it: no more than its head. */
function headOf(authorization: string): Parameters<typeof pair.guard>[0] {
  const headers = new Headers({ host: '127.0.0.1:3000', authorization })
  return { method: 'GET', url: URL, headers }
}

const guarded = (head: Parameters<typeof pair.guard>[0]): Check => {
  return async () => {
    const { ok } = await pair.guard(head, info, need)
    if (!ok) throw new Error('refused')
  }
}

const key = await issue('runner')
const authorization = `Bearer ${key}`
const whole = new Request(URL, { headers: { host: '127.0.0.1:3000', authorization } })
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url')
const byDigest = new Map([[digestOf(key), { agent: 'runner', scopes: ['jobs:run'] }]])

const unseen: Parameters<typeof pair.guard>[0][] = []
for (let n = 0; n < UNSEEN; n++) unseen.push(headOf(`Bearer ${await issue(`agent-${n}`)}`))
let next = 0

const sides: Record<string, Check> = {
  'ours: guard of a head, seen before': guarded(headOf(authorization)),
  'ours: guard of a Request, seen before': guarded(whole),
  'ours: authenticate, seen before': async () => {
    if ((await pair.authenticate(whole, info)).kind !== 'agent') throw new Error('refused')
  },
  'ours: guard of a head, not seen': () => guarded(unseen[next++ % UNSEEN]!)(),
  'bare: SHA-256 and a map': () => {
    if (!byDigest.get(digestOf(key))?.scopes.includes('jobs:run')) throw new Error('refused')
  },
  'bare: the same, off the header': () => {
    const text = whole.headers.get('authorization') ?? ''
    const found = text.startsWith('Bearer ') ? byDigest.get(digestOf(text.slice(7))) : undefined
    if (!found?.scopes.includes('jobs:run')) throw new Error('refused')
  },
}

const rates = await interleave(
  Object.keys(sides),
  ROUNDS,
  (side) => rate(sides[side]!, ROUND_MS),
  (one) => one,
)
const of = (side: string): number => rates.get(side)!.median
const bare = of('bare: SHA-256 and a map')
const rows = [...rates].map(([side, { median }]) => [
  side,
  `${(median / 1_000).toFixed(1)} k/s`,
  `${(1e6 / median).toFixed(2)} µs`,
  `${(median / bare).toFixed(2)} ×`,
])
console.log(table([['one agent', 'rate', 'time', 'beside the bare map'], ...rows]))
await pair.close()
