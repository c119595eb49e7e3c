/** What a user agent says, the telling names first: Edge calls itself Chrome as well, and Chrome Safari. */
const PROGRAMS = [
  'Edg',
  'OPR',
  'SamsungBrowser',
  'Firefox',
  'Chrome',
  'Safari',
  'Node.js',
  'Deno',
  'Bun',
]
const SYSTEMS = ['iPhone', 'iPad', 'Android', 'Windows', 'Mac OS X', 'CrOS', 'Linux']
const NAMES: Record<string, string> = {
  Edg: 'Edge',
  OPR: 'Opera',
  SamsungBrowser: 'Samsung Internet',
  'Mac OS X': 'Mac',
  CrOS: 'ChromeOS',
}

/** A name by which a person knows this device again: `Firefox on Linux`. */
export function deviceLabel(userAgent: string = globalThis.navigator?.userAgent ?? ''): string {
  const named = (words: readonly string[]): string | undefined => {
    const word = words.find((name) => userAgent.includes(name))
    return word && (NAMES[word] ?? word)
  }
  return [named(PROGRAMS), named(SYSTEMS)].filter(Boolean).join(' on ') || 'Device'
}
