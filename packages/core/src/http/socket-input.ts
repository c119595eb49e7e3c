import { PairError } from '../errors.ts'
import type { Need } from '../pair.ts'
import { maySend, readMessageClass, type Frame } from '../resource/message-class.ts'
import type { ResourceAccess } from '../resource/resource.ts'
import { MINUTE, type Millis } from '../time.ts'
import type { RequestFacts } from './request-facts.ts'
import type { HttpParts } from './route.ts'

/**
 * Which frames of a socket reach the app: where it was opened for a resource, those of a class that its mode may send, as it
 * stands when they come. Others are dropped one by one, and the operator hears of them once a minute.
 */
export function createInputFilter(
  parts: Pick<HttpParts, 'clock' | 'refused' | 'settings'>,
  facts: RequestFacts,
  { classify = readMessageClass }: Pick<Need, 'classify'>,
  access: () => ResourceAccess | undefined,
): (frame: Frame) => boolean {
  let dropped = 0
  let toldAt: Millis = -Infinity

  function tell({ name, mode }: ResourceAccess): void {
    dropped++
    const now = parts.clock()
    // Whatever the clock does in between: away from the last time by less than a minute is too soon.
    if (!(Math.abs(now - toldAt) >= MINUTE)) return
    const reason = `${dropped} sent to ${name} in the mode ${mode}, which may not send such`
    toldAt = now
    dropped = 0
    parts.refused(new PairError('insufficient_scope', { reason }), facts)
  }

  return (frame) => {
    const held = access()
    if (held === undefined) return true
    if (maySend(parts.settings.resources, held, classOf(classify, frame))) return true
    tell(held)
    return false
  }
}

/** What the app can't name, also by a fault of its own, has no class. */
function classOf(classify: (frame: Frame) => string | null, frame: Frame): string | null {
  try {
    const named: unknown = classify(frame)
    return typeof named === 'string' ? named : null
  } catch {
    return null
  }
}
