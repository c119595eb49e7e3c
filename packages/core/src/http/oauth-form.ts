import { PairError } from '../errors.ts'
import { LIMIT, readText } from './body.ts'
import type { Visit } from './route.ts'

/** The parameters of a form by their names. */
export type Form = ReadonlyMap<string, string>

const TYPE = /^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i
/** RFC 6749 appendix A: printable ASCII; and what is left of bytes that were no UTF-8 is not in it. */
const VALUE = /^[ -~]*$/

/**
 * The parameters that a request to an OAuth endpoint carries. One that is there twice is refused, one without a value counts as
 * not there.
 *
 * @throws PairError `body_too_large`, `invalid_request`
 * @see RFC 6749 §3.2, appendix B
 */
export async function readForm({ facts: { request }, info }: Visit): Promise<Form> {
  const requireType = (): void => {
    if (!TYPE.test(request.headers.get('content-type') ?? ''))
      throw malformed('The body has to be application/x-www-form-urlencoded.')
  }
  if (info?.parsedBody !== undefined) {
    requireType()
    return toForm(entriesOf(info.parsedBody))
  }
  return parseForm(await readText(request, requireType))
}

/** The same of its text. @throws PairError `body_too_large`, `invalid_request` */
export function parseForm(text: string): Form {
  return toForm(text.split('&').filter(Boolean).map(decodePair))
}

/** What a body parser read before us: where it met a name twice, or a nested one, it made no text of it. */
function entriesOf(parsed: unknown): [string, string][] {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw malformed('The body is not a form.')
  return Object.entries(parsed).map(([name, value]) => {
    if (typeof value !== 'string') throw malformed('A parameter is there twice.')
    return [name, value]
  })
}

function decodePair(pair: string): [string, string] {
  const at = pair.indexOf('=')
  const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
  return [decode(name), decode(value)]
}

function decode(coded: string): string {
  try {
    return decodeURIComponent(coded.replaceAll('+', ' '))
  } catch {
    throw malformed('The body is not a form in UTF-8.')
  }
}

function toForm(entries: readonly [string, string][]): Form {
  const form = new Map<string, string>()
  let length = 0
  for (const [name, value] of entries) {
    if (form.has(name)) throw malformed('A parameter is there twice.')
    if (!VALUE.test(name) || !VALUE.test(value))
      throw malformed('A parameter holds characters that none may hold.')
    length += name.length + value.length
    form.set(name, value)
  }
  // As far as it can still be seen where somebody else read it.
  if (length > LIMIT) throw new PairError('body_too_large')
  for (const [name, value] of form) if (value === '') form.delete(name)
  return form
}

function malformed(message: string): PairError {
  return new PairError('invalid_request', { message })
}
