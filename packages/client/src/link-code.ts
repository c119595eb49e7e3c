/** What an address held, and the address without it. */
export interface FoundCode {
  code: string | undefined
  /** The same address without any code; equal to the given one where it had none. */
  rest: string
}

const LINK_FORM = /^[\w-]{22}$/
const TYPED_FORM = /^[2-9A-HJKMNP-Z]{3}(-[2-9A-HJKMNP-Z]{3}){2}$/i

/**
 * The code of a pairing link: from the fragment, then from the query. In a query only what has the form of a pairing
 * code counts, and not beside `state`: OAuth names a parameter `code` too.
 */
export function takeCode(address: string): FoundCode {
  const [, path = '', query = '', fragment = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(address) ?? []
  const inFragment = valueOf(fragment)
  const value = valueOf(query) ?? ''
  const isOurs = LINK_FORM.test(value) || TYPED_FORM.test(value)
  const inQuery = isOurs && !/[?&]state=/.test(query) ? value : undefined
  const rest =
    path +
    (inQuery === undefined ? query : without(query)) +
    (inFragment === undefined ? fragment : without(fragment))
  return { code: inFragment ?? inQuery, rest }
}

/** The code in what a person typed or pasted, which may be a whole link. */
export function parseCode(text: string): string {
  const trimmed = text.trim()
  return (/[#?]/.test(trimmed) ? takeCode(trimmed).code : undefined) ?? trimmed
}

function valueOf(part: string): string | undefined {
  return new URLSearchParams(part.slice(1)).get('code') || undefined
}

/** By text, not by URLSearchParams: what stays must stay letter for letter. */
function without(part: string): string {
  const kept = part
    .slice(1)
    .split('&')
    .filter((pair) => !/^code(=|$)/.test(pair))
  return kept.length === 0 ? '' : part.charAt(0) + kept.join('&')
}

/** Takes the code out of this page's address bar, at once; `undefined` where there is none or no page. */
export function takeCodeFromPage(): string | undefined {
  if (typeof location === 'undefined' || typeof history === 'undefined') return undefined
  const { code, rest } = takeCode(location.href)
  if (code === undefined) return undefined
  try {
    history.replaceState(history.state, '', rest)
  } catch {
    // a sandboxed frame may not: nobody sees its address either
  }
  return code
}
