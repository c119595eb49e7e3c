import type { Agent, AgentVerifier } from '../agent/agent.ts'
import type { Timers } from '../ports/runtime.ts'
import type { Key } from '../ports/store.ts'
import type { ServicePorts } from '../service-ports.ts'
import { MINUTE, SECOND, type Millis } from '../time.ts'
import { viewSession, type SessionView } from './session.ts'
import type { NoStanding } from './standing.ts'

/** Why a socket or stream is ended: `unconfirmed` where the store could not be asked for a second. */
export type EndReason = NoStanding | 'unconfirmed' | 'closed'

export interface Connection<T> {
  /** Who opened it changed and still stands: fewer scopes, another label. */
  changed(now: T): void
  /** At most once. Nothing more may pass. */
  ended(reason: EndReason): void
}

export type LiveConnection = Connection<SessionView>

export interface LiveService {
  /** Holds a connection to its session until it is released or ended; at the latest it ends at that instant. */
  hold(session: SessionView, connection: LiveConnection, until?: Millis): () => void
  /** The same for an agent and its key. */
  holdAgent(
    agent: Agent,
    agents: Pick<AgentVerifier, 'seen' | 'standing'>,
    connection: Connection<Agent>,
  ): () => void
  close(): void
}

/** How whoever holds a connection stands, as it was found. */
type Found<T> =
  | { ok: true; is: T; expiresAt: Millis; ids: readonly string[] }
  | { ok: false; reason: NoStanding }

/** Whose connection it is. */
interface Holder<T> {
  is: T
  expiresAt: Millis
  /** Asks the store how it stands now. */
  look(): Promise<() => Found<T>>
  seen(is: T): void
  connection: Connection<T>
}

interface Held {
  holder: Holder<unknown>
  /** When the credential ends that it was opened with, where that does not renew itself by a key. */
  until: Millis
  /** What it hangs on; known from the first check on. */
  ids: readonly string[] | null
  cancel: () => void
  /** Since when the store could not be asked. */
  failingSince: Millis | null
  checking: boolean
  again: boolean
}

/** How often is asked where changes can't be heard; a revoke takes hold within twice that. */
const POLL_MS = 400
/** How often is asked in any case. */
const RECHECK_MS = MINUTE
const UNCONFIRMED_MS = SECOND

export function createLiveService(
  ports: ServicePorts & { timers: Timers; seen: (session: SessionView) => void },
): LiveService {
  const { space, records, clock, timers, seen } = ports
  const all = new Set<Held>()
  let unlisten: (() => void) | undefined
  let closed = false

  async function check(held: Held): Promise<void> {
    if (held.checking) {
      held.again = true
      return
    }
    held.checking = true
    const { holder } = held
    do {
      held.again = false
      held.cancel()
      const asked = clock()
      // A store that swallows the question is not waited for longer than one that refuses it.
      const cancel = timers.after(UNCONFIRMED_MS, () => end(held, 'unconfirmed'))
      try {
        const judge = await holder.look()
        if (!all.has(held)) return
        const found = judge()
        if (!found.ok) return end(held, found.reason)
        if (!(clock() < held.until)) return end(held, 'expired')
        held.failingSince = null
        const differs = JSON.stringify(found.is) !== JSON.stringify(holder.is)
        holder.is = found.is
        holder.expiresAt = found.expiresAt
        held.ids = found.ids
        if (differs) quietly(() => holder.connection.changed(found.is))
      } catch {
        if (!all.has(held)) return
        held.failingSince ??= asked
        if (!(clock() - held.failingSince < UNCONFIRMED_MS)) return end(held, 'unconfirmed')
      } finally {
        cancel()
      }
    } while (held.again)
    held.checking = false
    // Whoever was told of a change may have let go.
    if (!all.has(held)) return
    schedule(held)
  }

  function schedule(held: Held): void {
    const { holder } = held
    const untilEnd = Math.max(1, Math.min(holder.expiresAt, held.until) - clock())
    const every = space.feed.isLive() && held.failingSince === null ? RECHECK_MS : POLL_MS
    held.cancel = timers.after(Math.min(untilEnd, every), () => {
      holder.seen(holder.is)
      void check(held)
    })
  }

  function end(held: Held, reason: EndReason): void {
    if (!all.delete(held)) return
    held.cancel()
    stopListening()
    quietly(() => held.holder.connection.ended(reason))
  }

  function stopListening(): void {
    if (all.size > 0) return
    unlisten?.()
    unlisten = undefined
  }

  /** Whom a changed key says something of. */
  function heard(keys: readonly Key[] | null): void {
    const everything = keys === null || keys.some(([word]) => word === 'epoch')
    const changed = new Set(keys?.map(([, id]) => id))
    for (const held of all)
      if (everything || held.ids === null || held.ids.some((id) => changed.has(id)))
        void check(held)
  }

  function hold<T>(holder: Holder<T>, until: Millis): () => void {
    if (closed) {
      void Promise.resolve().then(() => quietly(() => holder.connection.ended('closed')))
      return () => {}
    }
    const held: Held = {
      holder: holder as Holder<unknown>,
      until,
      ids: null,
      cancel: () => {},
      failingSince: null,
      checking: false,
      again: false,
    }
    all.add(held)
    unlisten ??= space.feed.listen(heard)
    // What changed between the verification and this moment was heard by nobody.
    holder.seen(holder.is)
    void check(held)
    return () => {
      if (!all.delete(held)) return
      held.cancel()
      stopListening()
    }
  }

  return {
    hold(session, connection, until = Infinity) {
      const look = async (): Promise<() => Found<SessionView>> => {
        const standpoint = await records.sessions.standpoint(session.id)
        return () => {
          const standing = standpoint.judge(clock())
          if (!standing.ok) return standing
          const { device, grant } = standing
          const is = viewSession(standing.session, grant, device)
          const ids = [session.id, device.id, grant.id]
          return { ok: true, is, expiresAt: is.expiresAt ?? Infinity, ids }
        }
      }
      const expiresAt = session.expiresAt ?? Infinity
      return hold({ is: session, expiresAt, look, seen, connection }, until)
    },
    holdAgent(agent, agents, connection) {
      const look = async (): Promise<() => Found<Agent>> => {
        const standing = await agents.standing(agent)
        return () => (standing.ok ? { ...standing, is: standing.agent } : standing)
      }
      const { seen: sees } = agents
      return hold({ is: agent, expiresAt: Infinity, look, seen: sees, connection }, Infinity)
    },
    close() {
      closed = true
      for (const held of all) end(held, 'closed')
    },
  }
}

/** What a socket's library throws ends no other connection, and is no fault of the store. */
function quietly(tell: () => void): void {
  try {
    tell()
  } catch {
    // Its own `closed` follows.
  }
}
