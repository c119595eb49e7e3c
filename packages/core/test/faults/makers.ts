import type { Guarded, Identified, Need, Pair } from '../../src/pair.ts'
import { letterOf, toRequest, type LetterWish, type Letters } from '../records/letters.ts'
import type { Story } from '../records/story.ts'
import { outcomeOf, outcomeOfCall, type Outcome, type Stage } from './stage.ts'

/** One public method with a right call of it. */
export interface Operation {
  name: string
  /** What has to be so before, done behind the line. */
  before?(stage: Stage): Promise<unknown>
  act(stage: Stage): Promise<Outcome>
  /** Whether it makes a credential. */
  mints?: boolean
  /** After "done": is it so? Default: the answer is the one that is given without a fault. */
  isTrue?(stage: Stage, gave: never): Promise<boolean>
  /** After "refused": has nobody got anything by it? Waited for. Default: yes. */
  isUndone?(stage: Stage): Promise<boolean>
}

/** What there is to say of an operation beside its call. */
export type Rest = Omit<Operation, 'name' | 'act'>

/** The ways to name an operation. */
export interface OperationMakers {
  operations: Operation[]
  letters: Letters
  operate(name: string, act: Operation['act'], rest?: Rest): void
  /** A letter of the story. `read`: what its answer tells. */
  wire(letter: string, rest?: Rest, read?: (answer: Response) => Promise<Outcome>): void
  /** A request of the owner's. */
  route(name: string, method: string, path: string, rest?: Rest, wish?: LetterWish): Promise<void>
  /** In process. */
  call(name: string, ask: (pair: Pair) => Promise<unknown>, rest?: Rest): void
  /** A guard, in process. */
  asks(name: string, ask: (pair: Pair) => Promise<Guarded<never> | Identified>): void
  /** A socket that is opened and gets a frame. */
  socket(name: string, request: () => Request, need?: Need): void
}

export function createMakers({ at, parties }: Story, letters: Letters): OperationMakers {
  const owner = parties.owner!
  const operations: Operation[] = []
  const makers: OperationMakers = {
    operations,
    letters,
    operate: (name, act, rest = {}) => void operations.push({ name, act, ...rest }),
    wire(name, rest, read = outcomeOf) {
      const { method, path, from } = letters[name]!
      makers.operate(
        `${method} ${path.split('?', 1)[0]}: ${name}`,
        async ({ pair }) =>
          read((await pair.handler(toRequest(letters[name]!), { remoteAddress: from }))!),
        rest,
      )
    },
    async route(name, method, path, rest = {}, wish = {}) {
      letters[name] = await letterOf(at, method, `/auth${path}`, { party: owner, ...wish })
      makers.wire(name, rest)
    },
    call: (name, ask, rest) =>
      makers.operate(name, ({ pair }) => outcomeOfCall(() => ask(pair)), rest),
    asks: (name, ask) =>
      makers.operate(name, async ({ pair }) => {
        const found = await ask(pair)
        return found.ok ? outcomeOfCall(async () => found) : outcomeOf(found.response)
      }),
    socket: (name, request, need = {}) =>
      makers.operate(name, async ({ pair }) => {
        const upgrade = request()
        const opened = await pair.openSocket(upgrade, undefined, need as Need & { who: 'any' })
        if (opened instanceof Response) return outcomeOf(opened)
        let state = 'shut'
        const attached = opened.attach(
          { send() {}, close: (code) => void (state = `closed ${code}`) },
          () => void (state = 'open'),
        )
        const proof = upgrade.headers.get('dpop')
        if (proof !== null) await attached.receive(JSON.stringify({ type: 'hello', proof }))
        const passes = await attached.receive('a frame')
        if (state === 'open' && !passes) throw new Error('an open socket that lets nothing pass')
        attached.closed()
        return state === 'open' ? { ok: true, gave: null, said: state } : { ok: false, code: state }
      }),
  }
  return makers
}
