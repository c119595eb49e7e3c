import { createPair } from '../../src/create-pair.ts'
import { isPairError } from '../../src/errors.ts'
import type { PreviewAnswer } from '../../src/http/wire.ts'
import type { Pair, RequestInfo } from '../../src/pair.ts'
import type { Logger } from '../../src/ports/runtime.ts'
import type { Store } from '../../src/ports/store.ts'
import { toRequest, type Letters } from './letters.ts'
import { secretsOf, STORY_OPTIONS, type Story } from './story.ts'
import { agentDoors } from './agents.ts'
import { deviceDoors } from './device-grants.ts'
import { waitingDoors } from './waiting-doors.ts'

/** What became of somebody at a door. */
export interface Seen {
  in: boolean
  /** For a person to decide. */
  waits?: boolean
  /** The status of the answer, or the code of the error. */
  answer: number | string
  scopes?: string[]
  /** When what was given ends, in milliseconds. */
  until?: number
  /** What a list shows, each as JSON. */
  items?: string[]
}

export interface Door {
  name: string
  /** Without it those behind it are not what they are: whoever goes through some doors goes through this too. */
  isTurn?: boolean
  go(pair: Pair): Promise<Seen>
}

interface Granted {
  session: { scopes: string[]; expiresAt: string | number | null }
  credentialExpiresAt: string | number
}

/** Every way in that core has, tried by everybody of the story, in an order in which none shuts another. */
export function doorsOf(
  story: Pick<
    Story,
    'agents' | 'parties' | 'codes' | 'waiting' | 'guesses' | 'relayed' | 'granted' | 'audited'
  >,
  letters: Letters,
): Door[] {
  const request = (name: string): [Request, RequestInfo] => [
    toRequest(letters[name]!),
    { remoteAddress: letters[name]!.from },
  ]
  const handle = (name: string, read: (body: never) => Partial<Seen> = () => ({})): Door => ({
    name,
    async go(pair) {
      const response = (await pair.handler(...request(name)))!
      const answer = response.status
      const text = await response.text()
      return answer < 300
        ? { in: true, answer, ...read((text === '' ? {} : JSON.parse(text)) as never) }
        : { in: false, answer }
    },
  })
  const enter = (name: string): Door =>
    handle(name, (body: Granted & { status: string }) =>
      body.status === 'authorized' ? granted(body) : { in: false, waits: true },
    )
  const guard = (name: string): Door => ({
    name,
    async go(pair) {
      const guarded = await pair.guard(...request(name), {})
      return guarded.ok
        ? { in: true, answer: 200, ...granted(guarded.auth) }
        : { in: false, answer: guarded.response.status }
    },
  })
  const names = Object.keys(story.parties)
  const items = (all: object[]): Partial<Seen> => ({
    items: all.map((item) => JSON.stringify(item)),
  })
  return [
    inProcess('sessions', async (pair) => items((await pair.sessions.list()).items)),
    inProcess('devices', async (pair) => items((await pair.devices.list()).items)),
    inProcess('codes', async (pair) => items((await pair.codes.list()).items)),
    inProcess('approvals', async (pair) => items((await pair.approvals.list()).items)),
    inProcess('journal', async (pair) => items((await pair.audit.read({ limit: 1_000 })).items)),
    ...(story.audited ? auditDoors : []),
    handle('snapshot', (body: Record<'sessions' | 'devices' | 'codes' | 'approvals', object[]>) =>
      items([...body.sessions, ...body.devices, ...body.codes, ...body.approvals]),
    ),
    ...names.flatMap((name) => [
      handle(`session of ${name}`, (body: Granted & { authenticated: boolean }) =>
        body.authenticated ? granted(body) : { in: false },
      ),
      guard(`guard for ${name}`),
      handle(`ticket of ${name}`),
    ]),
    guard('spent proof'),
    guard('stream ticket without its key'),
    guard('stream ticket'),
    guard('used ticket'),
    socket('socket ticket', request),
    socket('socket ticket of bearer', request),
    handle('issue', ({ code }: { code: { scopes: string[] } }) => ({ scopes: code.scopes })),
    inProcess('operator issues', async ({ codes }) => ({
      scopes: (await codes.issue()).code.scopes,
    })),
    ...names.map((name) => handle(`renewal of ${name}`, granted)),
    ...Object.keys(story.guesses).flatMap((name) => [
      handle(`preview from where it is ${name}`, promised),
      handle(`code from where it is ${name}`, granted),
    ]),
    ...Object.keys(story.codes).flatMap((name) => [
      handle(`preview of code ${name}`, promised),
      handle(`code ${name}`, granted),
      handle(`code ${name} again`, granted),
    ]),
    handle('code bound for its key', granted),
    handle('code for a key that is known', granted),
    handle('code of a lost answer', granted),
    ...Object.keys(story.relayed ?? {}).map((name) => handle(`relayed request, ${name}`)),
    ...(story.agents ? agentDoors(story.agents, handle) : []),
    ...waitingDoors(story, { enter, handle, inProcess }),
    ...(story.granted ? deviceDoors(story.granted, handle, inProcess) : []),
    inProcess('sweep', async (pair) => (await pair.sweep(), {})),
    inProcess('revoke all', async (pair) => {
      await pair.sessions.revokeAll()
      const asked = names.map(async (name) => guard(`end of ${name}`).go(pair))
      const left = (await Promise.all(asked)).filter((seen) => seen.in)
      return items(left)
    }),
  ]
}

/** Goes through these doors of a fresh server on that store, and tells what became of it at each. */
export async function visit(
  { at, secret, ownerSecret }: Pick<Story, 'at' | 'secret' | 'ownerSecret'>,
  doors: readonly Door[],
  store: Store,
  logger: Logger = SILENT,
  entering: (door: Door) => void = () => {},
): Promise<Record<string, Seen>> {
  const secrets = secretsOf(secret, ownerSecret)
  const pair = createPair({ ...STORY_OPTIONS, secret: secrets, store, logger, clock: () => at })
  const seen: Record<string, Seen> = {}
  for (const door of doors) {
    entering(door)
    seen[door.name] = await door.go(pair as unknown as Pair)
  }
  await pair.close()
  return seen
}

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** What is kept for the operator; who reads it comes in nowhere. */
const auditDoors: readonly Door[] = [
  inProcess('refusals', async (pair) => ({
    answer: JSON.stringify((await pair.audit.refusals()).items),
  })),
  inProcess('chain', async (pair) => ({ in: (await pair.audit.verify()).ok })),
]

function inProcess(name: string, ask: (pair: Pair) => Promise<Partial<Seen>>): Door {
  return {
    name,
    go: (pair) =>
      ask(pair).then(
        (found) => ({ in: true, answer: 'done', ...found }),
        (error: unknown) => ({
          in: false,
          answer: isPairError(error) ? error.code : String(error),
        }),
      ),
  }
}

function socket(name: string, request: (name: string) => [Request, RequestInfo]): Door {
  return {
    name,
    async go(pair) {
      const [upgrade, info] = request(name)
      const opened = await pair.openSocket(upgrade, info, {})
      if (opened instanceof Response) return { in: false, answer: opened.status }
      let isReady = false
      const attached = opened.attach({ send() {}, close() {} }, () => void (isReady = true))
      const proof = upgrade.headers.get('dpop')
      if (proof !== null) await attached.receive(JSON.stringify({ type: 'hello', proof }))
      attached.closed()
      return { in: isReady, answer: 101, ...granted(opened.auth) }
    },
  }
}

function promised({ scopes, expiresAt }: PreviewAnswer): Pick<Seen, 'scopes' | 'until'> {
  return { scopes, until: Date.parse(expiresAt) }
}

function granted({ session, credentialExpiresAt }: Granted): Pick<Seen, 'scopes' | 'until'> {
  const instant = (at: string | number): number => (typeof at === 'string' ? Date.parse(at) : at)
  const until = Math.min(instant(session.expiresAt ?? Infinity), instant(credentialExpiresAt))
  return { scopes: session.scopes, until }
}
