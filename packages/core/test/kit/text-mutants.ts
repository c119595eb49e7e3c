const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** What decoders are known to let pass, or to take for something else. */
const STRANGE = [
  '=',
  '%3D',
  '+',
  '/',
  ' ',
  '\t',
  '\n',
  '\0',
  '.',
  ',',
  ';',
  '"',
  "'",
  '\\',
  '#',
  '?',
  '&',
  '~',
  '\u00a0',
  '\u200b',
  '\ufeff',
  'ſ',
  'K',
  'ａ',
  '\ud800',
]

/** Numbers below a bound; the same seed, the same numbers. */
export function drawsOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const put = (text: string, at: number, with_: string, length = 1): string =>
  text.slice(0, at) + with_ + text.slice(at + length)

/** Segments that are missing, too many, empty or elsewhere. */
function structures(text: string): string[] {
  const parts = text.split('.')
  const without = parts.map((_, at) => parts.filter((__, other) => other !== at).join('.'))
  const emptied = parts.map((_, at) => parts.with(at, '').join('.'))
  const doubled = parts.map((part, at) =>
    [...parts.slice(0, at), part, ...parts.slice(at)].join('.'),
  )
  const turned = parts.map((_, at) => [...parts.slice(at), ...parts.slice(0, at)].join('.'))
  return [
    '',
    'a',
    'a.',
    '.b',
    '.',
    '..',
    '...',
    'a.b',
    'a.b.c',
    'a.b.c.d',
    'null',
    'undefined',
    '{}',
    '[object Object]',
    ...without,
    ...emptied,
    ...doubled,
    ...turned,
    `.${text}`,
    `${text}.`,
    `${text}..`,
    `..${text}`,
    text + text,
    `${text}.${text}`,
    [...text].reverse().join(''),
    text.toLowerCase(),
    text.toUpperCase(),
    parts.toReversed().join('.'),
    text.replaceAll('.', '..'),
    text.replaceAll('.', ''),
    text.replaceAll('.', '%2E'),
    `"${text}"`,
    `'${text}'`,
    `<${text}>`,
    encodeURIComponent(`${text}=`),
    `Bearer ${text}`,
    `DPoP ${text}`,
    Buffer.from(text).toString('base64'),
    Buffer.from(text).toString('base64url'),
    Buffer.from(text).toString('hex'),
  ]
}

/** The same bytes in another spelling, and bytes that are hardly others, in each segment. */
function spellings(text: string): string[] {
  const parts = text.split('.')
  return parts.flatMap((part, at) => {
    const withPart = (other: string): string => parts.with(at, other).join('.')
    const last = ALPHABET.indexOf(part.at(-1) ?? '')
    const bits = [1, 2, 3, 4, 8, 12, 16, 32].map(
      (bit) => part.slice(0, -1) + (ALPHABET[last ^ bit] ?? ''),
    )
    const standard = Buffer.from(part, 'base64url').toString('base64')
    return [
      ...bits,
      standard,
      standard.replaceAll('=', ''),
      part.replaceAll('-', '+'),
      part.replaceAll('_', '/'),
      `${part}=`,
      `${part}==`,
      `${part}A`,
      `${part}AA`,
      `A${part}`,
      `AAAA${part}`,
      part.slice(1),
      part.slice(0, -1),
      part.slice(0, -4),
      ` ${part}`,
      `${part} `,
      `${part}\n`,
      part.slice(0, 8) + '\n' + part.slice(8),
      encodeURIComponent(`${part}=`),
      part + part,
    ].map(withPart)
  })
}

/** One character changed, added, taken away or moved, at every place and at random. */
function strays(text: string, most: number): string[] {
  const draw = drawsOf(20_261_122)
  const found: string[] = []
  for (let step = 0; step < most; step++) {
    const at = step < text.length ? step : draw(text.length)
    const six = ALPHABET[draw(64)]!
    const strange = STRANGE[draw(STRANGE.length)]!
    const two = text.slice(at, at + 2)
    found.push(
      [
        () => put(text, at, six),
        () => put(text, at, six, 0),
        () => put(text, at, ''),
        () => put(text, at, String.fromCharCode(text.charCodeAt(at) ^ (1 << draw(7)))),
        () => put(text, at, [...two].reverse().join(''), 2),
        () => text.slice(0, at),
        () => text.slice(at) + text.slice(0, at),
        () => put(text, at, strange),
        () => put(text, at, strange, 0),
        () =>
          put(
            text,
            at,
            text[at]! === text[at]!.toUpperCase()
              ? text[at]!.toLowerCase()
              : text[at]!.toUpperCase(),
          ),
      ][draw(10)]!(),
    )
  }
  return found
}

/** Longer than anything of its sort. */
function sizes(text: string): string[] {
  const parts = text.split('.')
  return [1, 64, 4_096, 16_000].flatMap((more) => [
    text + 'A'.repeat(more),
    'A'.repeat(more) + text,
    [...parts.slice(0, -1), 'A'.repeat(more), ...parts.slice(-1)].join('.'),
    text + '='.repeat(more),
    text + ' '.repeat(more) + '.',
  ])
}

/** Texts that look like this one and are another, at least `least` of them; the same each time. */
export function mutantsOf(text: string, least: number, others: readonly string[] = []): string[] {
  const parts = text.split('.')
  // Each segment of the others in the place of its own.
  const mixed = others.flatMap((other) => {
    const theirs = other.split('.')
    return [other, ...parts.map((_, at) => parts.with(at, theirs[at] ?? '').join('.'))]
  })
  const all = new Set([...structures(text), ...spellings(text), ...sizes(text), ...mixed])
  for (const stray of strays(text, 4 * least)) {
    if (all.size >= least + 40) break
    all.add(stray)
  }
  all.delete(text)
  if (all.size < least) throw new Error(`only ${all.size} of ${least} texts`)
  return [...all]
}

/** Can it stand in a header as it is? Blanks at its ends are no part of a value there. */
export function isHeaderText(text: string): boolean {
  return /^[!-~]([ -~]*[!-~])?$/.test(text)
}
