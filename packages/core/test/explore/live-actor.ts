import { AsyncLocalStorage } from 'node:async_hooks'
import { isPairError } from '../../src/errors.ts'
import type { Key, Store, Write } from '../../src/ports/store.ts'
import type { Millis } from '../../src/time.ts'
import { cryptoAtWork } from './crypto-at-work.ts'
import { openInstance, type Product, type Services } from './instance.ts'
import type { KeyText, Op, Result } from './op.ts'
import type { StoreModel } from './store-model.ts'

/** What an actor was told in the end. The code of an error that is none of ours is its text. */
export type Outcome = { ok: true; gave: unknown } | { ok: false; code: string }

/** What an actor's script is given. */
export interface Hands {
  services: Services
  /** Which process of the story this is. */
  index: number
  /** Writes down what the actor holds for true from here on; the laws may look at it. */
  note(name: string, value: unknown): void
  /** Lets time pass to that instant, for everybody. */
  tick(to: Millis): Promise<void>
}

/** One process and the one thing that it does. */
export interface Actor<C = unknown> {
  name: string
  /** What it does, as a verb. */
  does: string
  run(hands: Hands, context: C): Promise<unknown>
}

export interface Pending {
  /** The call, its key, and which branch of the code it is in: the same in whatever order parallel calls come back. */
  name: string
  op: Op
}

/** Numbers the branches of an actor's code, by the call behind which each begins; the same in each of its lives. */
export type Branches = Map<string, number>

/** An actor that runs, and waits at each of its calls until that is answered. */
export interface LiveActor {
  pending(): Pending[]
  outcome(): Outcome | null
  notes(): Readonly<Record<string, unknown>>
  /** Answers a call and lets all that follows happen. `true`: the clock was looked at meanwhile. */
  deliver(name: string, result: Result, now: Millis): Promise<boolean>
}

const branchNow = new AsyncLocalStorage<number>()

/** Lets run what waits for nothing outside; the services wait for nothing but the calls here, and for signatures. */
async function settled(): Promise<void> {
  for (;;) {
    await new Promise((resolve) => void setImmediate(resolve))
    const signing = cryptoAtWork()
    if (signing.length === 0) return
    await Promise.allSettled(signing)
  }
}

export interface CastPorts<C> {
  product: Product
  model: StoreModel
  context: C
  index: number
  branches?: Branches
  /** What stands between this actor and the store. */
  tamper?: (op: Op) => Op
}

export function startActor<C>(actor: Actor<C>, ports: CastPorts<C>): LiveActor {
  const { product, model, index, branches = new Map() } = ports
  const waiting = new Map<string, { op: Op; branch: number; answer: (result: Result) => void }>()
  const asked = new Map<string, number>()
  const notes: Record<string, unknown> = {}
  let outcome: Outcome | null = null
  let now: Millis = 0
  let looked = false

  /** What runs on behind a call is a branch of its own, and what it asks is named by it. */
  function wait(what: string, asIs: Op, answer: (result: Result) => void): string {
    const place = `${branchNow.getStore() ?? 0} ${what}`
    const count = (asked.get(place) ?? 0) + 1
    asked.set(place, count)
    const key = `${place} ${count}`
    const branch = branches.get(key) ?? branches.size + 1
    branches.set(key, branch)
    branchNow.enterWith(branch)
    const name = `${what} #${branch}`
    waiting.set(name, { op: ports.tamper?.(asIs) ?? asIs, branch, answer })
    return name
  }
  const ask = (name: string, op: Op): Promise<Result> =>
    new Promise((resolve, reject) => {
      wait(name, op, (result) =>
        result.is === 'thrown' ? reject(new Error('connection reset')) : resolve(result),
      )
    })

  const store = storeOf(model, ask)
  const after = (ms: Millis, ring: () => void): (() => void) => {
    const name = wait('timer', { call: 'timer', ms }, ring)
    return () => void waiting.delete(name)
  }
  const services = openInstance(product, {
    store,
    clock: () => {
      looked = true
      return now
    },
    // that a call takes too long is a fault of its own, not a matter of time
    timers: { elapsed: () => 0, hold: () => () => {}, after },
    index,
  })
  const hands: Hands = {
    services,
    index,
    note: (name, value) => void (notes[name] = value),
    tick: async (to) => void (await ask('tick', { call: 'tick', to })),
  }
  branchNow.run(0, () => wait('start', { call: 'start' }, begin))
  function begin(): void {
    actor.run(hands, ports.context).then(
      (gave) => void (outcome = { ok: true, gave }),
      (error: unknown) =>
        void (outcome = { ok: false, code: isPairError(error) ? error.code : String(error) }),
    )
  }

  return {
    pending: () => [...waiting].map(([name, { op }]) => ({ name, op })),
    outcome: () => outcome,
    notes: () => notes,
    async deliver(name, result, at) {
      const call = waiting.get(name)
      if (!call) throw new Error(`${actor.name} does not wait for ${name}: it is not deterministic`)
      waiting.delete(name)
      now = at
      looked = false
      branchNow.run(call.branch, () => call.answer(result))
      await settled()
      return looked
    },
  }
}

const textOf = (key: Key): KeyText => key.join(' ')

/** The store as an actor sees it: every call waits for its turn. */
function storeOf(model: StoreModel, ask: (name: string, op: Op) => Promise<Result>): Store {
  const version = (value: number): string => `v${value}`
  const isPut = (write: Write): write is Exclude<Write, { append: Key }> => !('append' in write)
  const entryOf = (
    key: KeyText,
    value: number,
  ): { key: string[]; value: string; version: string } => ({
    key: key.split(' '),
    value: model.text(value),
    version: version(value),
  })
  return {
    async read(key) {
      const text = textOf(key)
      const result = await ask(`read ${text}`, { call: 'read', key: text })
      return result.is === 'value' && result.value !== 0 ? entryOf(text, result.value) : null
    },
    async list(prefix, { after, limit }) {
      const op = {
        call: 'list' as const,
        below: `${textOf(prefix)} `,
        after: after ? textOf(after) : '',
        limit,
      }
      const result = await ask(`list ${op.below}${op.after}`, op)
      return result.is === 'values'
        ? result.values.map(({ key, value }) => entryOf(key, value))
        : []
    },
    async commit(checks, writes) {
      const result = await ask('commit', {
        call: 'commit',
        checks: checks.map((check) => ({
          key: textOf(check.key),
          version: check.version === null ? 0 : Number(check.version.slice(1)),
        })),
        writes: writes.filter(isPut).map(({ key, value }) => ({
          key: textOf(key),
          value: value === null ? 0 : model.number(value),
        })),
        appends: writes
          .filter((write) => !isPut(write))
          .map(({ value }) => model.number(String(value))),
      })
      return result.is === 'committed' && result.done
    },
    async increment(counter, by) {
      const key = textOf(counter)
      const result = await ask(`increment ${key}`, { call: 'increment', key, by })
      return result.is === 'total' ? result.total : Number.NaN
    },
    tail: () => Promise.reject(new Error('nobody here reads a stream')),
    purge: () => Promise.reject(new Error('nothing is forgotten here')),
  }
}
