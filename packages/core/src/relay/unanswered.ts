/** Mints that this process refused after it had begun to commit them: whatever came of one, nobody has it. */
export interface Unanswered {
  add(mint: string): void
  has(mint: string): boolean
}

/** How many are known at a time. Of an older one what may be said once stays said. */
const KNOWN = 1_000

export function createUnanswered(): Unanswered {
  const known = new Set<string>()
  return {
    add(mint) {
      if (known.size >= KNOWN) known.delete([...known][0] ?? '')
      known.add(mint)
    },
    has: (mint) => known.has(mint),
  }
}
