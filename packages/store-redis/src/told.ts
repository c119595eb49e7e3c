/** What is heard on a line, and whether something was not. */
export interface Told {
  /** A commit of anybody. */
  others(payload: string): void
  /** An answer to ourselves; what it says beside how far the data is. */
  own(payload: string, asked: number): string
}

/**
 * Redis keeps no notification for anybody: where a server or the way between two of them fails, one may be lost while the line
 * lives. Commits are numbered, so that a gap is heard, at the next commit or the next answer to ourselves.
 */
export function createTold(self: string, tell: (keys: readonly string[] | null) => void): Told {
  let birth: string | undefined
  let number = 0

  return {
    others(payload) {
      const [born, at, from, keys] = split(payload)
      // of another database of the server, or of data that is gone: an answer to ourselves will tell
      if (born !== birth || at === undefined) return
      const missed = Number(at) !== number + 1
      number = Number(at)
      if (missed) tell(null)
      else if (from !== self) tell(toKeys(keys))
    },
    own(payload, asked) {
      const [born, at, said = ''] = payload.split(' ')
      if (born === undefined || !/^\d+$/.test(at ?? '') || !(Number(said) <= asked)) return ''
      const missed = birth !== undefined && (born !== birth || Number(at) !== number)
      birth = born
      number = Number(at)
      if (missed) tell(null)
      return said
    },
  }
}

/** Birth, number, who and what: the last may have blanks. */
function split(payload: string): string[] {
  return (/^(\S+) (\d+) (\S+) (.*)$/s.exec(payload) ?? []).slice(1)
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
