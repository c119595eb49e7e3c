// How many devices a second are let in by the device grant, beside a code that is issued and redeemed. Run with
// `node --conditions=@pair/source bench/src/device-grant.ts`.
import { createPair, memoryStore, type AdmissionMode, type Pair } from '@pair/core'
import { oauth } from '@pair/core/oauth'
import { interleave, table } from './rounds.ts'

const ROUNDS = 11
/** So many in a row, on a fresh server: the budget of typed codes lets 754 pass in 15 minutes, and each here takes two. */
const BATCH = 150
const ORIGIN = 'http://127.0.0.1:3000'
const CLIENT = 'bench-cli'
const MANY = { max: 1_000_000 }

type Members = Readonly<Record<string, string>>

/** A server, and an owner who is paired with it. */
interface House {
  pair: Pair
  /** As JSON, by the owner where a token stands beside it. */
  post(path: string, body: object, by?: string): Promise<Members>
  /** As a form. */
  form(path: string, params: Members): Promise<Members>
  owner: string
}

async function openHouse(mode: AdmissionMode): Promise<House> {
  const pair = createPair({
    secret: crypto.getRandomValues(new Uint8Array(32)),
    store: memoryStore(),
    keyless: 'full',
    limits: { redeem: MANY, preview: MANY, change: MANY, poll: MANY },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    extensions: [oauth({ clients: [{ id: CLIENT, label: 'A client' }] })],
  })
  const send = async (path: string, body: string, headers: Members): Promise<Members> => {
    const request = new Request(`${ORIGIN}/auth/${path}`, { method: 'POST', headers, body })
    const answer = await pair.handler(request, { remoteAddress: '127.0.0.1' })
    if (!answer?.ok) throw new Error(`${path}: ${await answer?.text()}`)
    return (await answer.json()) as Members
  }
  const house: House = {
    pair: pair as unknown as Pair,
    owner: '',
    post: (path, body, by) =>
      send(path, JSON.stringify(body), {
        'content-type': 'application/json',
        ...(by === undefined ? {} : { authorization: `Bearer ${by}` }),
      }),
    form: (path, params) =>
      send(path, new URLSearchParams(params).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
      }),
  }
  const scopes = ['access:read', 'access:write'] as const
  const { typed } = await pair.codes.issue({ scopes, origin: ORIGIN })
  const { accessToken = '' } = await house.post('redeem', { code: typed, transport: 'bearer' })
  await pair.admission.set(mode)
  return { ...house, owner: accessToken }
}

/** The owner issues a code, and somebody redeems it. Two requests. */
async function byCode({ post, owner }: House): Promise<void> {
  const { typed } = await post('codes', {}, owner)
  await post('redeem', { code: typed, transport: 'bearer' })
}

/** A device asks, the owner types its code and approves, the device gets its token. Four requests, one of them a poll. */
async function byDeviceGrant({ post, form, owner }: House): Promise<void> {
  const { device_code = '', user_code: userCode = '' } = await form('device_authorization', {
    client_id: CLIENT,
  })
  const { id, digest } = await post('device', { userCode }, owner)
  await post(`approvals/${id}/approve`, { digest, userCode }, owner)
  await form('token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code,
    client_id: CLIENT,
  })
}

interface Side {
  mode: AdmissionMode
  letIn(house: House): Promise<void>
}

const sides: Record<string, Side> = {
  'a code issued and redeemed': { mode: 'code', letIn: byCode },
  'a device by the device grant': { mode: 'approval', letIn: byDeviceGrant },
}

interface Measured {
  /** For each second of the processor. */
  perCpu: number
  perSecond: number
}

async function measure({ mode, letIn }: Side): Promise<Measured> {
  const house = await openHouse(mode)
  const [began, from] = [process.cpuUsage(), performance.now()]
  for (let n = 0; n < BATCH; n++) await letIn(house)
  const { user, system } = process.cpuUsage(began)
  const perSecond = (BATCH * 1_000) / (performance.now() - from)
  await house.pair.close()
  return { perCpu: (BATCH * 1e6) / (user + system), perSecond }
}

const names = Object.keys(sides)
const measured = await interleave(
  names,
  ROUNDS,
  (side) => measure(sides[side]!),
  ({ perCpu }) => perCpu,
)
const [code = 0, grant = 0] = names.map((side) => measured.get(side)!.median)
const clock = (side: string): number =>
  measured
    .get(side)!
    .all.map(({ perSecond }) => perSecond)
    .toSorted((a, b) => a - b)[ROUNDS >> 1]!
const rows = names.map((side) => {
  const { median } = measured.get(side)!
  return [
    side,
    `${median.toFixed(0)} /s`,
    `${(1_000 / median).toFixed(2)} ms`,
    `${clock(side).toFixed(0)} /s`,
  ]
})
console.log(table([['let in', 'by processor', 'each', 'by the clock'], ...rows]))
console.log(`\ndevice grant / code: ${(grant / code).toFixed(2)} ×`)
