/** What is heard on a line, and whether something was not. */
export interface Told {
  /** A commit of anybody. */
  others(payload: string): void
  /** An answer to ourselves; what it says beside how far the data is. */
  own(payload: string, asked: number): string
}

/** Numbers of data that was lost, or of another database of the server, are further away. */
const NEAR = 2 ** 20

/**
 * Redis keeps no notification for anybody: where a server or the way between two of them fails, one may be lost while the line
 * lives. Commits are numbered, so that a gap is heard, at the next commit or the next answer to ourselves. `isKnown`: that attempt was
 * told already.
 */
export function createTold(
  isKnown: (attempt: string) => boolean,
  tell: (keys: readonly string[] | null) => void,
): Told {
  let number: number | undefined

  return {
    others(payload) {
      const [, at, attempt = '', keys] = /^(\d+) (\S+) (.*)$/s.exec(payload) ?? []
      // of other data: an answer to ourselves will tell
      if (number === undefined || !(Math.abs(Number(at) - number) < NEAR)) return
      const isNext = Number(at) === number + 1
      number = Number(at)
      if (!isNext) tell(null)
      else if (!isKnown(attempt)) tell(toKeys(keys))
    },
    own(payload, asked) {
      const [at = '', said = ''] = payload.split(' ')
      if (!/^\d+$/.test(at) || !(Number(said) <= asked)) return ''
      const isMissed = number !== undefined && Number(at) !== number
      number = Number(at)
      if (isMissed) tell(null)
      return said
    },
  }
}

/** `null` for what nobody of ours says, and for what says "any". */
function toKeys(text = ''): string[] | null {
  try {
    const keys = JSON.parse(text) as unknown
    const isList = Array.isArray(keys) && keys.every((key) => typeof key === 'string')
    return isList ? (keys as string[]) : null
  } catch {
    return null
  }
}
