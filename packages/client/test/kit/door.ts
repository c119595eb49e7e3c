import type { ApprovalItemWire } from '@pair/core'
import type { PairClient, PairClientOptions } from '../../src/index.ts'
import { createHome, type Home, type Profile } from './home.ts'

/** A home that lets newcomers in by a person's decision, and its owner, who decides in a page. */
export interface Door {
  home: Home
  owner: PairClient
  /** What waits, as the owner sees it. */
  waiting(): Promise<ApprovalItemWire[]>
  /** The owner decides on the one request that waits. */
  approve(scopes?: string[]): Promise<ApprovalItemWire>
  reject(): Promise<ApprovalItemWire>
}

export async function createDoor(
  admission: 'approval' | 'code+approval' = 'approval',
  options: Parameters<typeof createHome>[0] = {},
): Promise<Door> {
  const home = createHome({ approval: { coolDownMs: 1_000 }, ...options })
  const owner = home.profile({ label: 'The owner' }).open()
  await owner.redeem((await home.code()).secret)
  const { version } = (await owner.access.get()).admission
  await owner.access.setAdmission({ mode: admission, version })
  const waiting = async (): Promise<ApprovalItemWire[]> =>
    (await owner.access.get()).approvals.filter(({ state }) => state === 'pending')
  async function only(): Promise<ApprovalItemWire> {
    const [item, ...more] = await waiting()
    if (!item || more.length > 0) throw new Error(`not one waits but ${more.length}`)
    return item
  }
  return {
    home,
    owner,
    waiting,
    async approve(scopes) {
      const { id, digest } = await only()
      return await owner.access.approve(id, { digest, ...(scopes && { scopes }) })
    },
    async reject() {
      const { id, digest } = await only()
      return await owner.access.reject(id, { digest })
    },
  }
}

export interface Waiter {
  door: Door
  profile: Profile
  client: PairClient
}

/** A door, and a device before it that asked to be let in. */
export async function createWaiter(
  defaults: PairClientOptions = {},
  options: Parameters<typeof createHome>[0] = {},
): Promise<Waiter> {
  const door = await createDoor('approval', options)
  const profile = door.home.profile(defaults)
  const client = profile.open()
  await client.start()
  await client.request()
  door.home.log.length = 0
  return { door, profile, client }
}

/** For what the client does by itself after a pause. */
export const SLOW = { timeout: 8_000 }

/** Each status and problem that a page showed. */
export function record(client: PairClient): string[] {
  const seen: string[] = []
  client.subscribe(() => {
    const { status, problem } = client.getSnapshot()
    seen.push(problem ? `${status} ${problem.code}` : status)
  })
  return seen
}
