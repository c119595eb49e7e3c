import { userCodeDigest } from '../../src/approval/user-code-crypto.ts'
import { deriveKeys, type Keys } from '../../src/token/keys-crypto.ts'
import type { Settings } from '../../src/settings.ts'
import type { ServicePorts } from '../../src/service-ports.ts'
import type { Clock, RandomSource, Timers } from '../../src/ports/runtime.ts'
import type { Store } from '../../src/ports/store.ts'
import { utf8 } from '../../src/encoding/bytes.ts'
import { RELAYS } from './relayed.ts'
import { toBase64Url } from '../../src/encoding/base64url.ts'

export type Product = typeof import('./product.ts')

/** The services of one process. */
export interface Services {
  admission: ReturnType<Product['createAdmissionService']>
  agentKeys: ReturnType<Product['createAgentKeysService']>
  approvals: ReturnType<Product['createApprovalsService']>
  collector: ReturnType<Product['createCollectService']>
  decider: ReturnType<Product['createDecideService']>
  lapse: ReturnType<Product['createLapseService']>
  requester: ReturnType<Product['createRequestService']>
  codes: ReturnType<Product['createCodesService']>
  devices: ReturnType<Product['createDevicesService']>
  deviceGrants: ReturnType<Product['createDeviceGrantService']>
  expiry: ReturnType<Product['createExpiryService']>
  minter: ReturnType<Product['createMintService']>
  presence: ReturnType<Product['createPresenceService']>
  redeemer: ReturnType<Product['createRedeemService']>
  renewer: ReturnType<Product['createRenewService']>
  sessions: ReturnType<Product['createSessionsService']>
  support: ReturnType<Product['createSupportService']>
}

export interface InstancePorts {
  store: Store
  clock: Clock
  timers: Timers
  /** Which process of the story this is; its ids and attempts begin with a letter of its own. */
  index: number
}

export const NAMESPACE = 'pair'
export const SCOPES = ['notes:read', 'notes:write']
/** When every story begins. */
export const NOON: number = Date.UTC(2026, 10, 22, 12)
/** How long requests wait here. */
export const TIMES = { pendingMs: 600_000, collectMs: 600_000, coolDownMs: 60_000 }
const SECRET = 'a master secret that is long enough to be one'
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }
// the same in each of thousands of lives
const keysOf = new Map<Product, Keys>()
const settingsOf = new Map<Product, Settings>()

/** One process on a store: everything of it is fresh, and draws the same bytes each time. */
export function openInstance(product: Product, ports: InstancePorts): Services {
  const { store, clock, timers, index } = ports
  let attempts = 0
  const random = bytesOf(index)
  const space = product.createSpace({
    store,
    namespace: NAMESPACE,
    feed: product.createChangeFeed({
      store,
      namespace: NAMESPACE,
      stream: ['journal'],
      timers,
      deadlineMs: 2_000,
    }),
    clock,
    timers,
    logger: SILENT,
    newAttempt: () => `${letterOf(index)}${attempts++}`,
    // rivals come back at once: that they wait is no part of what holds
    chance: () => 0,
    deadlineMs: 2_000,
  })
  const keys =
    keysOf.get(product) ??
    product.createKeyDeriver(
      utf8(SECRET),
      NAMESPACE,
      'hs256',
    )({ generations: [product.FIRST_GENERATION] }, NOON)
  keysOf.set(product, keys)
  const settings: Settings = settingsOf.get(product) ?? {
    ...product.checkOptions({ secret: SECRET, store, scopes: SCOPES }),
    keyless: 'full',
    admission: 'code',
    approval: TIMES,
  }
  settingsOf.set(product, settings)
  const services: ServicePorts = {
    space,
    records: product.createRecords(space, settings),
    clock,
    random,
    keys: async () => keys,
    instance: async () => keys.instance,
    settings,
    requireSteadyClock: async () => {},
    askPolicy: async () => {},
  }
  const agents = {
    ...services,
    agentKeys: product.createAgentKeyRecords(space, services.records),
    prefix: 'pak',
  }
  return {
    agentKeys: product.createAgentKeysService(agents),
    support: product.createSupportService(agents),
    deviceGrants: product.createDeviceGrantService(services, product.createPollingRecords(space)),
    minter: product.createMintService(services, RELAYS),
    admission: product.createAdmissionService(services),
    approvals: product.createApprovalsService(services),
    collector: product.createCollectService(services),
    decider: product.createDecideService(services),
    lapse: product.createLapseService(services),
    requester: product.createRequestService(services),
    codes: product.createCodesService(services),
    devices: product.createDevicesService(services),
    expiry: product.createExpiryService(services),
    presence: product.createPresenceService(services),
    redeemer: product.createRedeemService({
      ...services,
      behindAnswer: (work) => void work().catch(() => {}),
    }),
    renewer: product.createRenewService(services),
    sessions: product.createSessionsService(services),
  }
}

/** Under which digest a code is looked up that a device shows. */
export function userCodeOf(text: string): string {
  const { codePepper } = deriveKeys(utf8(SECRET), NAMESPACE)
  return userCodeDigest(codePepper, text.replaceAll('-', ''))
}

export function letterOf(index: number): string {
  return String.fromCharCode(65 + index)
}

/** Which process drew this id. */
export function drawnBy(id: string): number {
  return id.charCodeAt(4) - 65
}

/** Bytes that are the same in each run; as base64url they begin with the letter of the process. */
function bytesOf(index: number): RandomSource {
  let draws = 0
  return (length) => {
    let word = (index + 1) * 0x9e3779b1 + ++draws * 0x85ebca6b
    return Uint8Array.from({ length }, (_, at) => {
      word = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d) + at
      word ^= word >>> 12
      return at === 0 ? index << 2 : word & 0xff
    })
  }
}

/** A thumbprint as text of the right shape. */
export function thumbprintOf(name: string): string {
  return toBase64Url(Uint8Array.from({ length: 32 }, (_, at) => name.charCodeAt(at % name.length)))
}
