import type { AdmissionMode } from '../../src/admission/admission.ts'
import type { Pair } from '../../src/pair.ts'
import { ORIGIN } from '../kit/server.ts'
import type { Door, Seen } from './doors.ts'
import type { Story } from './story.ts'
import { WITH_CODE } from './waiting-letters.ts'

export interface DoorMakers {
  /** Whoever sends that letter is let in, or waits, or is refused. */
  enter(name: string): Door
  /** Whoever sends it gets what it asks for. */
  handle(name: string): Door
  inProcess(name: string, ask: (pair: Pair) => Promise<Partial<Seen>>): Door
}

/** The doors of those who wait to be let in, mode by mode; it begins in the mode `code`. */
export function waitingDoors(
  { waiting }: Pick<Story, 'waiting'>,
  { enter, handle, inProcess }: DoorMakers,
): Door[] {
  const turn = (mode: AdmissionMode): Door => ({
    ...inProcess(`admission: ${mode}`, async ({ admission }) => (await admission.set(mode), {})),
    isTurn: true,
  })
  const decide = (verb: 'approve' | 'reject', name: string): Door =>
    inProcess(`${verb} ${name}`, async ({ approvals }) => {
      const { approvalId, digest } = waiting[name]!
      return { scopes: (await approvals[verb](approvalId, { digest })).decision?.scopes ?? [] }
    })
  const forget = (name: string): Door =>
    inProcess(
      `forget ${name}`,
      async ({ approvals }) => (await approvals.forget(waiting[name]!.approvalId), {}),
    )
  const asked = Object.keys(waiting)
  return [
    inProcess('the mode', async ({ admission }) => ({
      in: (await admission.get()).mode !== 'unknown',
    })),
    inProcess('the secret of the owner', async (pair) => ({
      in: (await pair.ownerSecret({ origin: ORIGIN })) !== null,
    })),
    enter('claim of the owner'),
    turn('approval'),
    ...asked.filter((name) => !WITH_CODE.includes(name)).map((name) => enter(`claim of ${name}`)),
    ...['by another key', 'by nobody'].map((how) => enter(`claim of approved ${how}`)),
    enter('claim without its cookie'),
    ...[
      'request of a newcomer',
      'request without a key',
      'request of a known device',
      'request of it from elsewhere',
      'request of who came by a code',
      'request of rejected',
      'request from where it cools down',
    ].map(enter),
    decide('approve', 'rejected'),
    decide('approve', 'lapsed'),
    decide('approve', 'unheard'),
    decide('approve', 'pending'),
    enter('later claim of pending'),
    decide('reject', 'pending without a key'),
    enter('later claim of pending without a key'),
    forget('rejected'),
    enter('later request of rejected'),
    forget('approved'),
    enter('later claim of approved'),
    turn('code+approval'),
    ...WITH_CODE.map((name) => enter(`claim of ${name}`)),
    enter('code that another holds'),
    enter('code that was burned'),
    enter('code for who has to wait'),
    decide('approve', 'holder'),
    enter('later claim of holder'),
    handle('withdrawal of burned'),
    turn('closed'),
    enter('another request of pending'),
    turn('code'),
  ]
}
