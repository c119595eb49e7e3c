/** What was told of one try: a status and its word; `null`: the process ended before it answered. */
export interface Try {
  status: number | null
  problem: string | null
  sessionId?: string
  token?: string
}

/** Somebody who comes by one code, or by one request that a person decides: all tries, and what became of them. */
export interface Newcomer {
  house: 'codes' | 'door'
  /** Of a request: its id. */
  approvalId?: string
  decisions: { verdict: 'approve' | 'reject'; told: Try }[]
  entries: Try[]
  revokes: Try[]
}

export interface Ledger {
  newcomers: Newcomer[]
  /** What the counter was said to stand at, by each who raised it. */
  totals: number[]
  /** How often nobody knows whether it was raised. */
  unsureCounts: number
  /** What was answered that should never be, each once. */
  odd: Set<string>
}

/** It says what came of it, and not that this is unknown. */
export function isSure({ status }: Try): boolean {
  return status !== null && status !== 503
}

export function isDone({ status }: Try): boolean {
  return status === 200
}

/** How many came in by a code, how many by a request, and how many of them were ended again. */
export interface Work {
  codes: number
  door: number
  revokes: number
}

export function workOf({ newcomers }: Ledger): Work {
  const work: Work = { codes: 0, door: 0, revokes: 0 }
  for (const { house, entries, revokes } of newcomers) {
    if (entries.some(isDone)) work[house]++
    if (revokes.some(isDone)) work.revokes++
  }
  return work
}

/** What was never done, so that nothing is known of it. */
export function idleFaults({ codes, door, revokes }: Work): string[] {
  return [
    ...(codes === 0 ? ['nobody came in by a code'] : []),
    ...(door === 0 ? ['nobody came in by a request'] : []),
    ...(revokes === 0 ? ['no session was revoked'] : []),
  ]
}

export function describeWork({ codes, door, revokes }: Work): string {
  return `${codes} in by a code, ${door} by a request, ${revokes} revoked`
}

/** Of each word how often it was told. */
export function wordsOf({ newcomers }: Ledger): Record<string, number> {
  const words: Record<string, number> = {}
  const count = (what: string, tries: readonly Try[]): void => {
    for (const { status, problem } of tries) {
      const word = `${what} ${status ?? 'unheard'}${problem === null ? '' : ` ${problem}`}`
      words[word] = (words[word] ?? 0) + 1
    }
  }
  for (const { house, entries, decisions, revokes } of newcomers) {
    count(house === 'codes' ? 'redeem' : 'collect', entries)
    for (const { verdict, told } of decisions) count(verdict, [told])
    count('revoke', revokes)
  }
  return words
}
