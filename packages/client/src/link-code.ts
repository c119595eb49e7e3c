/** What a link carries: a pairing code, or the secret of the first owner. */
export interface LinkSecrets {
  code?: string | undefined
  owner?: string | undefined
}

/** What an address held, and the address without it. */
export interface FoundSecrets extends LinkSecrets {
  /** The same address without any secret; equal to the given one where it had none. */
  rest: string
}

const LINK_FORM = /^[\w-]{22}$/
const TYPED_FORM = /^[2-9A-HJKMNP-Z]{3}(-[2-9A-HJKMNP-Z]{3}){2}$/i

/**
 * The secrets of a pairing link: from the fragment, a code then from the query. In a query only what has the form of a
 * pairing code counts, and not beside `state`: OAuth names a parameter `code` too.
 */
export function takeCode(address: string): FoundSecrets {
  const [, path = '', query = '', fragment = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(address) ?? []
  const inFragment = valueOf(fragment, 'code')
  const owner = valueOf(fragment, 'owner')
  const value = valueOf(query, 'code') ?? ''
  const isOurs = LINK_FORM.test(value) || TYPED_FORM.test(value)
  const inQuery = isOurs && !/[?&]state=/.test(query) ? value : undefined
  const rest =
    path +
    (inQuery ? without(query, /^code(=|$)/) : query) +
    ((inFragment ?? owner) ? without(fragment, /^(code|owner)(=|$)/) : fragment)
  return { code: inFragment ?? inQuery, owner, rest }
}

/** The code in what a person typed or pasted, which may be a whole link. */
export function parseCode(text: string, name: keyof LinkSecrets = 'code'): string {
  const trimmed = text.trim()
  return (/[#?]/.test(trimmed) ? takeCode(trimmed)[name] : undefined) ?? trimmed
}

function valueOf(part: string, name: string): string | undefined {
  return new URLSearchParams(part.slice(1)).get(name) || undefined
}

/** By text, not by URLSearchParams: what stays must stay letter for letter. */
function without(part: string, ours: RegExp): string {
  const kept = part
    .slice(1)
    .split('&')
    .filter((pair) => !ours.test(pair))
  return kept.length === 0 ? '' : part.charAt(0) + kept.join('&')
}

/** Takes the secrets out of this page's address bar, at once; `undefined` where there is none or no page. */
export function takeCodeFromPage(): LinkSecrets | undefined {
  // workers have an address, but no bar that shows it
  if (typeof history === 'undefined') return undefined
  const { rest, ...link } = takeCode(location.href)
  if (rest === location.href) return undefined
  try {
    history.replaceState(history.state, '', rest)
  } catch {
    // a sandboxed frame may not: nobody sees its address either
  }
  return link
}
