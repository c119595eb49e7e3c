import type { Timers } from '../ports/runtime.ts'
import type { Key } from '../ports/store.ts'
import type { ServicePorts } from '../service-ports.ts'
import { MINUTE, SECOND, type Millis } from '../time.ts'
import { viewSession, type SessionView } from './session.ts'
import type { NoStanding } from './standing.ts'

/** Why a socket or stream is ended: `unconfirmed` where the store could not be asked for a second. */
export type EndReason = NoStanding | 'unconfirmed' | 'closed'

export interface LiveConnection {
  /** The session changed and still stands: fewer scopes, another label. */
  changed(session: SessionView): void
  /** At most once. Nothing more may pass. */
  ended(reason: EndReason): void
}

export interface LiveService {
  /** Holds a connection to its session until it is released or ended; at the latest it ends at that instant. */
  hold(session: SessionView, connection: LiveConnection, until?: Millis): () => void
  close(): void
}

interface Held {
  session: SessionView
  /** When the credential ends that it was opened with, where that does not renew itself by a key. */
  until: Millis
  /** Known from the first check on. */
  grantId: string | null
  connection: LiveConnection
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
    do {
      held.again = false
      held.cancel()
      const asked = clock()
      // A store that swallows the question is not waited for longer than one that refuses it.
      const cancel = timers.after(UNCONFIRMED_MS, () => end(held, 'unconfirmed'))
      try {
        const standpoint = await records.sessions.standpoint(held.session.id)
        if (!all.has(held)) return
        const standing = standpoint.judge(clock())
        if (!standing.ok) return end(held, standing.reason)
        if (!(clock() < held.until)) return end(held, 'expired')
        held.failingSince = null
        const next = viewSession(standing.session, standing.grant, standing.device)
        const differs = JSON.stringify(next) !== JSON.stringify(held.session)
        held.session = next
        held.grantId = standing.grant.id
        if (differs) quietly(() => held.connection.changed(next))
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
    const { expiresAt } = held.session
    const untilEnd = Math.max(1, Math.min(expiresAt ?? Infinity, held.until) - clock())
    const every = space.feed.isLive() && held.failingSince === null ? RECHECK_MS : POLL_MS
    held.cancel = timers.after(Math.min(untilEnd, every), () => {
      seen(held.session)
      void check(held)
    })
  }

  function end(held: Held, reason: EndReason): void {
    if (!all.delete(held)) return
    held.cancel()
    stopListening()
    quietly(() => held.connection.ended(reason))
  }

  function stopListening(): void {
    if (all.size > 0) return
    unlisten?.()
    unlisten = undefined
  }

  /** Which sessions a changed key says something of. */
  function heard(keys: readonly Key[] | null): void {
    const everything = keys === null || keys.some(([word]) => word === 'epoch')
    const ids = new Set(keys?.map(([, id]) => id))
    for (const held of all) {
      const { id, device } = held.session
      if (
        everything ||
        ids.has(id) ||
        ids.has(device.id) ||
        held.grantId === null ||
        ids.has(held.grantId)
      )
        void check(held)
    }
  }

  return {
    hold(session, connection, until = Infinity) {
      const held: Held = {
        session,
        until,
        grantId: null,
        connection,
        cancel: () => {},
        failingSince: null,
        checking: false,
        again: false,
      }
      if (closed) {
        void Promise.resolve().then(() => quietly(() => connection.ended('closed')))
        return () => {}
      }
      all.add(held)
      unlisten ??= space.feed.listen(heard)
      // What changed between the verification and this moment was heard by nobody.
      seen(session)
      void check(held)
      return () => {
        if (!all.delete(held)) return
        held.cancel()
        stopListening()
      }
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
