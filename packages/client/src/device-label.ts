/** What user agents call themselves, the telling names first: Edge says Chrome as well, and Chrome says Safari. */
const PROGRAMS = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari', 'Node.js', 'Deno', 'Bun']
const SYSTEMS = ['iPhone', 'iPad', 'Android', 'Windows', 'Mac', 'CrOS', 'Linux']
const NAMES: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', CrOS: 'ChromeOS' }

/** A name by which a person knows this device again: `Firefox on Linux`. */
export function deviceLabel(userAgent: string = globalThis.navigator?.userAgent ?? ''): string {
  const known = [PROGRAMS, SYSTEMS].flatMap(
    (words) => words.find((word) => userAgent.includes(word)) ?? [],
  )
  return known.map((word) => NAMES[word] ?? word).join(' on ') || 'Device'
}
