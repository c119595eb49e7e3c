import { describe, expect, test, vi } from 'vitest'
import { createSamples, isCookieText, type Sample, type World } from '../kit/all-kinds.ts'
import { keysFrom } from '../kit/keys.ts'
import { SECRET, startServer } from '../kit/server.ts'
import { forgedTexts, signedWrong } from '../kit/token-mutants.ts'
import { isHeaderText, mutantsOf } from '../kit/text-mutants.ts'
import { pairVisitor } from '../kit/visitor.ts'

vi.setConfig({ testTimeout: 120_000 })

/** How many texts are tried in the place of each kind. */
const LEAST = 700

/** Tokens that hold elsewhere. */
async function foreign(): Promise<string[]> {
  const others = [{ namespace: 'other' }, { secret: 'another secret of 32 bytes or more, surely' }]
  return Promise.all(
    others.map(async (options) => {
      const visitor = await pairVisitor(startServer(options), { transport: 'bearer' })
      return visitor.accessToken!
    }),
  )
}

function canTravel(name: string, { inHeader = false }: Sample, text: string): boolean {
  if (name === 'cookie') return isCookieText(text)
  return !inHeader || isHeaderText(text)
}

async function wrongFor({ samples }: World, name: string): Promise<string[]> {
  const sample = samples[name]!
  const others = Object.entries(samples)
    // A link and what is typed in its place are brought to one place.
    .filter(([other]) => other !== name && !(name.endsWith(' code') && other.endsWith(' code')))
    .map(([, { text }]) => text)
  const all = mutantsOf(sample.text, 1_200, [...others, ...(await foreign())])
  const forged = sample.sign ? forgedTexts(sample.text) : []
  return [...all, ...forged].filter(
    (text) => canTravel(name, sample, text) && !sample.isSame?.(text),
  )
}

const SIGNED = [
  'bearer token',
  'cookie',
  'dpop token',
  'resource token',
  'proof of waiting',
  'DPoP proof',
]
const SECRET_ALONE = [
  'socket ticket',
  'stream ticket',
  'refresh token',
  'claim',
  'link code',
  'typed code',
]

describe.each(['hs256', 'eddsa'] as const)('SES-03 with %s', (signing) => {
  test.each(signing === 'hs256' ? [...SIGNED, ...SECRET_ALONE] : SIGNED.slice(0, 4))(
    'SES-03 %s: of 700 texts and more that look like it none is taken, and it is',
    async (name) => {
      const world = await createSamples(signing)
      const { text, accepts } = world.samples[name]!
      const wrong = await wrongFor(world, name)
      expect(wrong.length).toBeGreaterThanOrEqual(LEAST)
      const taken: string[] = []
      for (const other of wrong) if (await accepts(other)) taken.push(other)
      expect(taken).toEqual([])
      expect(await accepts(text)).toBe(true)
    },
  )

  test.each(signing === 'hs256' ? SIGNED : SIGNED.slice(0, 4))(
    'SES-03 %s: what our own key signed in another form is none',
    async (name) => {
      const { samples } = await createSamples(signing)
      const sample = samples[name]!
      const pieces = signedWrong(sample.text, [], sample.isFree)
      expect(pieces.length).toBeGreaterThan(90)
      const taken: string[] = []
      for (const [head, body] of pieces) {
        const text = `${head}.${body}.${await sample.sign!(head, body)}`
        if (canTravel(name, sample, text) && (await sample.accepts(text))) taken.push(text)
      }
      expect(taken).toEqual([])
      // The signer is right: the same two segments by it are the token.
      const [head = '', body = ''] = sample.text.split('.')
      expect(await sample.accepts(`${head}.${body}.${await sample.sign!(head, body)}`)).toBe(true)
    },
  )
})

describe.each(['hs256', 'eddsa'] as const)('SES-03 the keys of %s by themselves', (signing) => {
  test.each(['session', 'resource', 'approval'] as const)(
    'SES-03 %s: of 5,000 texts none has a payload',
    async (kind) => {
      const keys = keysFrom(SECRET, { signing })
      const claims = { iss: keys.instance, sub: 'owner', n: 1, pad: '~~~???>>>' }
      const text = await keys.sign(kind, claims)
      expect(await keys.verify(kind, text)).toEqual(claims)
      const others = ['session', 'resource', 'approval'].filter((other) => other !== kind)
      const theirs = await Promise.all(
        others.map((other) => keys.sign(other as typeof kind, claims)),
      )
      const wrong = [...mutantsOf(text, 5_000, theirs), ...forgedTexts(text)]
      const taken: string[] = []
      for (const other of wrong) if ((await keys.verify(kind, other)) !== null) taken.push(other)
      expect(taken).toEqual([])
    },
  )
})
