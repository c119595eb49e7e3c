import { agentGetsIn } from './agent-operations.ts'
import type { Stage } from './stage.ts'
import type { Held, Told } from './waiting-invariants.ts'

type KeyEvent = Told & { agentKeyId?: string }

/** What must hold of the keys of agents; every line is a breach. */
export async function agentBreaches(
  records: readonly Held[],
  told: readonly KeyEvent[],
  { story, truth }: Pick<Stage, 'story' | 'truth'>,
): Promise<string[]> {
  const breaches: string[] = []
  const of = (word: string, part: string): Held[] =>
    records.filter((each) => each.word === word && each.part === part)
  const keys = of('agent-key', 'record')
  const marked = new Set(of('agent-key', 'revoked').map(({ id }) => id))
  const idsOf = (...types: string[]): string[] =>
    told.filter(({ type }) => types.includes(type)).map(({ agentKeyId }) => agentKeyId!)
  const same = (what: string, facts: string[], events: string[]): void => {
    if (facts.sort().join() !== events.sort().join())
      breaches.push(`${what}: ${facts.length} in the records, ${events.length} in the journal`)
  }
  const made = ['agent_key.issued', 'agent_key.bound', 'agent_key.rotated']
  same(
    'keys made',
    keys.map(({ id }) => id),
    idsOf(...made),
  )
  same('keys revoked', [...marked], idsOf('agent_key.revoked'))

  const keyOf = (id: unknown): Held | undefined => keys.find((each) => each.id === id)
  for (const { id, record } of keys) {
    const agent = String(record.agent)
    const lookup = of('agent-key-lookup', 'key').find((each) => each.id === record.hash)
    if (lookup?.record.keyId !== id) breaches.push('a key that its text does not lead to')
    if (marked.has(id)) continue
    const roll = of('agent-roll', 'keys').find((each) => each.id === agent)
    if (!(roll?.record.keys as string[] | undefined)?.includes(id))
      breaches.push('a key that its agent is not listed with')
    // Of one single-use thing there is one key that counts: of a support code, and of a rotation.
    for (const field of ['codeId', 'predecessor'])
      if (
        record[field] !== null &&
        keys.some(
          (other) =>
            other.id !== id &&
            !marked.has(other.id) &&
            other.record[field] === record[field] &&
            (field === 'predecessor' || other.record.predecessor === record.predecessor),
        )
      )
        breaches.push(`two keys of one ${field}`)
    const before = keyOf(record.predecessor)
    if (before && (before.record.state !== 'rotated' || before.record.successor !== id))
      breaches.push('an heir whose predecessor has another, or none')
    if (record.state === 'rotated' && keyOf(record.successor)?.record.predecessor !== id)
      breaches.push('a key that was rotated, and has no heir')
  }
  for (const { id, record } of of('code', 'record')) {
    if (record.state !== 'bound') continue
    if (keyOf(record.agentKeyId)?.record.codeId !== id)
      breaches.push('a support code that was used for nothing')
  }
  if (await agentGetsIn(truth, story.agents!.keys['revoked']!.key))
    breaches.push('a key that was revoked is in again')
  return breaches
}
