import { letterOf, toRequest, type Letter } from '../records/letters.ts'
import { WRONG } from '../records/guesses.ts'
import type { Story } from '../records/story.ts'
import { ORIGIN } from '../kit/server.ts'
import type { OperationMakers, Rest } from './makers.ts'
import { outcomeOf, type Stage } from './stage.ts'
import { credentialHolds, nobodyNew } from './truths.ts'

/** Where nobody came from in the story. */
const FRESH = '203.0.113.210'

const redeemOf = (code: string): Promise<Letter> =>
  letterOf(0, 'POST', '/auth/redeem', { body: { code }, from: FRESH })

async function send(pair: Stage['pair'], letter: Letter): Promise<Response> {
  return (await pair.handler(toRequest(letter), { remoteAddress: letter.from }))!
}

/** So many wrong codes came from there before. */
const wrongly =
  (times: number): Required<Rest>['before'] =>
  async ({ truth }) => {
    const letter = await redeemOf(WRONG)
    for (let count = 0; count < times; count++) await send(truth, letter)
  }

/** Guesses, what is counted of them, and limits of the app's own, each with a call that is right in this story. */
export async function guessOperations(
  { parties, codes, guest }: Story,
  { wire, route, operate }: OperationMakers,
): Promise<void> {
  wire('preview of code open')
  wire('preview from where it is cleared')
  await route(
    'preview of a code that is bound',
    'POST',
    '/codes/preview',
    {},
    {
      party: { ...parties.owner!, key: guest },
      withoutCredential: true,
      covers: true,
      body: { code: codes.bound!.typed },
    },
  )

  const enters: Rest = { mints: true, isTrue: credentialHolds, isUndone: nobodyNew }
  wire('code from where it is cleared', enters)
  const right = await redeemOf(codes.open!.typed)
  operate(
    'a right code behind a wrong one',
    async ({ pair }) => outcomeOf(await send(pair, right)),
    {
      ...enters,
      before: wrongly(1),
    },
  )
  const wrong = await redeemOf(WRONG)
  operate(
    'the last wrong code before a lock',
    async ({ pair }) => {
      const outcome = await outcomeOf(await send(pair, wrong))
      if (outcome.ok || outcome.code !== 'code_invalid') return outcome
      return { ok: true, gave: null, said: outcome.code }
    },
    // Whoever was told that it is wrong was counted: the next one, though it is right, is not judged.
    {
      before: wrongly(9),
      isTrue: async ({ truth }) => (await outcomeOf(await send(truth, right))).ok === false,
    },
  )

  const asks = (pair: Stage['pair']): ReturnType<typeof pair.limit> =>
    pair.limit(new Request(`${ORIGIN}/app`), { remoteAddress: FRESH }, { name: 'app', max: 1 })
  operate(
    'limit',
    async ({ pair }) => {
      const limited = await asks(pair)
      return limited.ok
        ? { ok: true, gave: null, said: JSON.stringify(limited.headers) }
        : outcomeOf(limited.response)
    },
    { isTrue: async ({ truth }) => !(await asks(truth)).ok },
  )
}

/** What must hold of lockouts; every line is a breach. */
export async function guessBreaches(
  records: readonly { word: string; id: string; record: Record<string, unknown> }[],
  { story, truth }: Pick<Stage, 'story' | 'truth'>,
): Promise<string[]> {
  const breaches: string[] = []
  const { locked, cleared } = story.guesses
  for (const { word, id, record } of records) {
    if (word !== 'lockout') continue
    if (record.lockedAt !== null && ![locked, FRESH].includes(id)) breaches.push('a lock of others')
    if (id === cleared && record.generation === 0) breaches.push('old failures that count again')
  }
  const letter = await letterOf(0, 'POST', '/auth/redeem', {
    body: { code: story.codes.unlimited!.typed },
    from: locked,
  })
  if ((await send(truth, letter)).status < 400) breaches.push('a lock that holds no longer')
  return breaches
}
