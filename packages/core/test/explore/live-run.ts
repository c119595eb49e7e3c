import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { describeEnd } from './ends.ts'
import type { Scenario } from './explore.ts'
import { NAMESPACE, NOON, type Product } from './instance.ts'
import { startActor, type Actor, type LiveActor, type Pending } from './live-actor.ts'
import type { KeyText, Op, Result, ValueId } from './op.ts'
import type { StoreModel } from './store-model.ts'

/** Picks one of so many. */
export type Pick = (count: number) => number

/**
 * Plays a scenario once, with actors that all run at the same time on a real store, whose calls go through one by one as
 * `pick` says. Answers its end as `describeEnd` does; the numbers of texts are those of the model.
 */
export async function playLive<C>(
  scenario: Scenario<C>,
  product: Product,
  model: StoreModel,
  pick: Pick,
): Promise<string> {
  const store = memoryStore({ clock: () => NOON })
  const clock = { now: NOON }
  const begin: Actor = { name: 'what was before', does: 'plays', run: scenario.before }
  const first = startActor(begin, { product, model, context: null, index: 0 })
  await playOut([first], store, model, clock, () => 0)
  const outcome = first.outcome()
  if (!outcome?.ok) throw new Error('what was before failed')
  const context = outcome.gave as C
  const actors = scenario.actors.map((actor, at) =>
    startActor(actor, { product, model, context, index: at + 1 }),
  )
  await playOut(actors, store, model, clock, pick)
  return describeEnd(
    await contentOf(store, model),
    actors.map((actor) => actor.outcome()),
  )
}

async function playOut(
  actors: readonly LiveActor[],
  store: Store,
  model: StoreModel,
  clock: { now: number },
  pick: Pick,
): Promise<void> {
  const waiting = (): { actor: LiveActor; call: Pending }[] =>
    actors.flatMap((actor) => actor.pending().map((call) => ({ actor, call })))
  for (let open = waiting(); open.length > 0; open = waiting()) {
    const { actor, call } = open[pick(open.length)]!
    if (call.op.call === 'tick') clock.now = call.op.to
    await actor.deliver(call.name, await carryOut(store, model, call.op), clock.now)
  }
}

const keyOf = (text: KeyText): string[] => text.trim().split(' ')

/** The same call on a real store. Versions are its own: what an actor calls a version is the number of the text. */
async function carryOut(store: Store, model: StoreModel, op: Op): Promise<Result> {
  switch (op.call) {
    case 'read': {
      const entry = await store.read(keyOf(op.key))
      return { is: 'value', value: entry ? model.number(entry.value) : 0 }
    }
    case 'list': {
      const { below, after, limit } = op
      const page = after === '' ? { limit } : { after: keyOf(after), limit }
      const entries = await store.list(keyOf(below), page)
      const values = entries.map(({ key, value }) => ({
        key: key.join(' '),
        value: model.number(value),
      }))
      return { is: 'values', values }
    }
    case 'commit': {
      const checks = await Promise.all(
        op.checks.map(async ({ key, version }) => {
          const entry = await store.read(keyOf(key))
          const isThat = entry !== null && model.number(entry.value) === version
          const real = isThat ? entry.version : 'another'
          return { key: keyOf(key), version: version === 0 ? null : real }
        }),
      )
      const done = await store.commit(checks, [
        ...op.writes.map(({ key, value }) =>
          value === 0
            ? { key: keyOf(key), value: null }
            : { key: keyOf(key), value: model.text(value), purgeAt: null },
        ),
        ...op.appends.map((value) => ({
          append: [NAMESPACE, 'journal'],
          value: model.text(value),
          purgeAt: null,
        })),
      ])
      return { is: 'committed', done }
    }
    case 'increment':
      return { is: 'total', total: await store.increment(keyOf(op.key), op.by, 0) }
    case 'start':
    case 'timer':
    case 'tick':
      return { is: 'nothing' }
  }
}

async function contentOf(
  store: Store,
  model: StoreModel,
): Promise<{ values: Map<KeyText, ValueId>; journal: ValueId[] }> {
  const entries = await store.list([NAMESPACE], { limit: 10_000 })
  const { items } = await store.tail([NAMESPACE, 'journal'], null, 10_000)
  return {
    values: new Map(entries.map(({ key, value }) => [key.join(' '), model.number(value)])),
    journal: items.map(({ value }) => model.number(value)),
  }
}
