/** What a commit looks at and what it changes, as texts of keys. */
export interface Touch {
  checked: readonly string[]
  written: readonly string[]
}

/**
 * In which round each commit's turn is, so that commits of one round have nothing in common but what all of them only check, and
 * those that do are in their order.
 */
export function toRounds(touches: readonly Touch[]): number[] {
  const checkedIn = new Map<string, number>()
  const writtenIn = new Map<string, number>()
  const after = (rounds: Map<string, number>, key: string): number => (rounds.get(key) ?? -1) + 1
  return touches.map(({ checked, written }) => {
    let round = 0
    for (const key of checked) round = Math.max(round, after(writtenIn, key))
    for (const key of written) round = Math.max(round, after(writtenIn, key), after(checkedIn, key))
    for (const key of checked) checkedIn.set(key, Math.max(round, checkedIn.get(key) ?? 0))
    for (const key of written) writtenIn.set(key, round)
    return round
  })
}
