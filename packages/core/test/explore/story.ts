import type { Exploration } from './explore.ts'
import type { Outcome } from './live-actor.ts'
import type { KeyText, Op, ValueId } from './op.ts'
import type { State, Step } from './search.ts'
import type { StoreModel } from './store-model.ts'

type Fields = Readonly<Record<string, unknown>>

/** What a record is called, by the word of its key. */
const WORDS: Readonly<Record<string, string>> = {
  'code-lookup': 'which code that text is',
  'code-index': 'the list of live codes',
  'approval-key': 'the latest request of the key',
  'approval-queue': 'the queue of requests',
  'cool-down': 'the cool-down',
  key: 'the device of the key',
}

/** What is worth telling of a record. */
const TELLING = ['state', 'mode', 'used', 'holds', 'scopes', 'label', 'reason', 'entries', 'places']

/** The offending schedule as a story: who did what, what each saw, and what was wrong in the end. */
export function tellStory({ broken, model, actors, scenario }: Exploration): string {
  if (!broken) return `${scenario}: nothing is wrong`
  const name = namerOf()
  const lines: { who: number; text: string; reads: boolean }[] = []
  for (const { before, step, after } of stepsTo(broken.state)) {
    if (step.op.call === 'start') continue
    const reads = step.outcome.is === 'value' || step.outcome.is === 'values'
    const text = sentenceOf(model, before, step, name)
    const last = lines.at(-1)
    if (reads && last?.reads && last.who === step.actor)
      last.text += `; ${text.replace(/^reads /, '')}`
    else lines.push({ who: step.actor, text, reads })
    const { outcome } = after.nodes[step.actor]!
    if (outcome && !before.nodes[step.actor]!.outcome)
      lines.push({ who: step.actor, text: answerOf(outcome, name), reads: false })
  }
  // Whoever only looked around made no difference to anybody.
  const told = lines.filter(({ who }) => lines.some((line) => line.who === who && !line.reads))
  return [
    `${scenario}:`,
    ...told.map(({ who, text }, at) => `${String(at + 1).padStart(3)}. ${actors[who]!} ${text}.`),
    `  => ${name(broken.law)}.`,
  ].join('\n')
}

function stepsTo(end: State): { before: State; step: Step; after: State }[] {
  const steps = []
  for (let state = end; state.from; state = state.from.state)
    steps.unshift({ before: state.from.state, step: state.from.step, after: state })
  return steps
}

function answerOf(outcome: Outcome, name: (text: string) => string): string {
  if (!outcome.ok) return `is refused: ${outcome.code}`
  const gave = outcome.gave as { status?: string; session?: Fields; approval?: Fields } | undefined
  if (gave?.session) return `is let in with ${name(String(gave.session.id))}`
  if (gave?.approval) return `is told to wait: ${name(String(gave.approval.id))}`
  return `is answered: ${shortOf(gave, name)}`
}

function sentenceOf(
  model: StoreModel,
  before: State,
  { op, outcome }: Step,
  name: (text: string) => string,
): string {
  const told = tellingOf(model, name)
  switch (op.call) {
    case 'start':
      return 'begins'
    case 'tick':
      return `lets ${Math.round((op.to - before.now) / 1_000)} seconds pass`
    case 'timer':
      return `comes back after ${op.ms} ms to see what became of its commit`
    case 'increment':
      return `counts ${name(op.key)}`
    case 'read':
      return outcome.is === 'value'
        ? `reads ${placeOf(op.key, name)}: ${told(op.key, outcome.value)}`
        : `reads ${placeOf(op.key, name)} and gets an error`
    case 'list': {
      const place = name(op.below.split(' ').slice(1).join(' ').trim())
      const found =
        outcome.is === 'values' ? outcome.values.map(({ key, value }) => told(key, value)) : []
      return `lists all of ${place}: ${found.join('; ') || 'nothing there'}`
    }
    case 'commit':
      return commitOf(op, outcome, before, told, name)
  }
}

function commitOf(
  op: Extract<Op, { call: 'commit' }>,
  outcome: Step['outcome'],
  before: State,
  told: (key: KeyText, value: ValueId) => string,
  name: (text: string) => string,
): string {
  const writes = op.writes.map(({ key, value }) => `${placeOf(key, name)} = ${told(key, value)}`)
  const what = writes.length > 0 ? `to write ${writes.join(', ')}` : 'to see that nothing changed'
  if (outcome.is === 'crash') return `asks ${what}, and its process ends; the commit is under way`
  if (outcome.is === 'thrown')
    return `asks ${what}, and the line breaks: an error comes back, and the commit is under way`
  const done = outcome.is === 'committed' || outcome.is === 'lands' ? outcome.done : false
  const verb = outcome.is === 'lands' ? 'had a commit under way, which lands now' : 'commits'
  if (done) return `${verb}: ${writes.join(', ') || 'nothing changed meanwhile'}`
  const stale = op.checks.filter(
    ({ key, version }) => (before.holdings.values.get(key) ?? 0) !== version,
  )
  const moved = stale.map(({ key }) => placeOf(key, name)).join(', ')
  return `${outcome.is === 'lands' ? 'had a commit under way, which is refused now' : 'loses its commit'}: ${moved} was changed meanwhile`
}

function placeOf(key: KeyText, name: (text: string) => string): string {
  const [, word = '', id = '', part = ''] = key.split(' ')
  const called = WORDS[word]
  if (called) return called
  if (part === 'revoked') return `the mark on ${name(id)}`
  return id ? name(id) : `the ${word}`
}

/** What a stored text says, in a few words. */
function tellingOf(
  model: StoreModel,
  name: (text: string) => string,
): (key: KeyText, value: ValueId) => string {
  return (key, value) => {
    if (value === 0) return 'nothing there'
    const { record } = model.parsed(value) as { record: Fields | null }
    if (record === null) return 'nothing (fenced off)'
    const [, word = ''] = key.split(' ')
    const facts = TELLING.filter((field) => (record[field] ?? null) !== null).map(
      (field) => `${field} ${shortOf(record[field], name)}`,
    )
    const [only] = Object.values(record)
    const alone = Object.keys(record).length === 1 && facts.length === 0
    return alone ? shortOf(only, name) : facts.join(', ') || `a ${word}`
  }
}

function shortOf(value: unknown, name: (text: string) => string): string {
  if (value === undefined || value === null) return 'done'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const named = name(text).replaceAll('"', '')
  return named.length > 160 ? `${named.slice(0, 160)}…` : named
}

const KINDS: Readonly<Record<string, string>> = {
  apr: 'request',
  cod: 'code',
  dev: 'device',
  epo: 'epoch',
  gra: 'grant',
  ses: 'session',
}

/** Ids as names: the first code that is met is `code 1`. */
function namerOf(): (text: string) => string {
  const names = new Map<string, string>()
  const counts = new Map<string, number>()
  return (text) =>
    text.replace(/\b(apr|cod|dev|epo|gra|ses)_[\w-]{22}/g, (id, kind: string) => {
      const old = names.get(id)
      if (old) return old
      const count = (counts.get(kind) ?? 0) + 1
      counts.set(kind, count)
      const fresh = `${KINDS[kind]!} ${count}`
      names.set(id, fresh)
      return fresh
    })
}
