import type { Change, End, Law } from '../law.ts'
import { textOf, changedIn, isWithin, newIn, stands, wayOf, type Facts } from '../facts.ts'
import { drawnBy } from '../instance.ts'

/** A session changes only while it stands, and never gets more than it had. */
export const renewLaw: Law = {
  name: 'a session is renewed or changed only while it stands',
  change({ before, after, now }: Change): string | null {
    for (const { id, was, is } of changedIn(before, after, 'session')) {
      if (!stands(before, id, now)) return `${id} stood no more and was changed`
      if (
        was.thumbprint !== is.thumbprint ||
        was.grantId !== is.grantId ||
        wayOf(was) !== wayOf(is)
      )
        return `${id} is another's now`
    }
    for (const { id, was, is } of changedIn(before, after, 'grant')) {
      if (!isWithin(is.scopes, was.scopes)) return `${id} gives more than before`
      const session = before.all('session').find(({ fields }) => fields.grantId === id)
      if (session && !stands(before, session.id, now)) return `${id} was changed after its end`
    }
    return null
  },
}

/** One device, one session; one key, one device. */
export const oneLaw: Law = {
  name: 'a device has one session, and a key one device',
  change({ before, after, now }: Change): string | null {
    if (newIn(before, after, 'session').length === 0) return null
    const live = after.all('session').filter(({ id }) => stands(after, id, now))
    return (
      twice(
        live.map(({ fields }) => textOf(fields.deviceId)),
        'device',
      ) ??
      twice(
        live.flatMap(({ fields }) => (fields.thumbprint ? [textOf(fields.thumbprint)] : [])),
        'key',
      )
    )
  },
}

function twice(list: string[], what: string): string | null {
  const again = list.find((each, at) => list.indexOf(each) !== at)
  return again ? `two sessions of one ${what} stand: ${again}` : null
}

/** A mark stays. */
export const markLaw: Law = {
  name: 'what was revoked stays revoked',
  change({ before, after }: Change): string | null {
    for (const word of ['session', 'device', 'code', 'agent-key'])
      for (const { id } of before.all(word, 'revoked'))
        if (!after.marked(word, id)) return `the mark of ${id} is gone`
    return null
  },
}

/** What an actor was told about a session is so. */
export const toldLaw: Law = {
  name: 'who was let in is in, and who was refused is not',
  end({ facts, now, parts }: End): string | null {
    for (const [at, { name, node }] of parts.entries()) {
      const own = facts.all('session').filter(({ id }) => drawnBy(id) === at + 1)
      const standing = own.filter(({ id }) => stands(facts, id, now))
      const { outcome } = node
      if (outcome && !outcome.ok && standing.length > 0)
        return `${name} was refused (${outcome.code}), and ${standing[0]!.id} stands`
      const id = outcome?.ok ? sessionIn(outcome.gave) : null
      if (id === null) continue
      if (!facts.record('session', id)) return `${name} was let in with ${id}, which is not there`
      if (!stands(facts, id, now) && !wasEnded(facts, id))
        return `${name} was let in with ${id}, and nobody ended it`
      if (standing.some((each) => each.id !== id)) return `${name} has a session beside ${id}`
    }
    return null
  },
}

function sessionIn(gave: unknown): string | null {
  const session = (gave as { session?: { id?: unknown } } | null)?.session
  return typeof session?.id === 'string' ? session.id : null
}

function wasEnded(facts: Facts, id: string): boolean {
  const deviceId = textOf(facts.record('session', id)?.fields.deviceId)
  return (
    facts.marked('session', id) ||
    facts.marked('device', deviceId) ||
    facts.told.some(({ type }) => type.startsWith('sessions.') || type === 'admission.changed')
  )
}
