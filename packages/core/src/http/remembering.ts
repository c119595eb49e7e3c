/** How many answers are kept; when there are more, all are forgotten at once. */
const KEPT = 1_000
/** Of a longer text the answer is reckoned each time, so that strangers can't fill the memory. */
const LONGEST = 256

/** Answers as `reckon` does, which has to be pure, and reckons once what is asked again and again. */
export function remembering<T extends object>(reckon: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const answer = reckon(text)
    if (text.length > LONGEST) return answer
    if (known.size >= KEPT) known.clear()
    known.set(text, answer)
    return answer
  }
}
