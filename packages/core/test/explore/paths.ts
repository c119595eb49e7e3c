/** The number of ways through the graph; may be a rounded one. */
export function pathsOf(edges: readonly (readonly number[])[]): number {
  const ways = new Map<number, number>()
  const open: number[] = [0]
  while (open.length > 0) {
    const at = open.at(-1)!
    const next = edges[at] ?? []
    const unknown = next.filter((each) => !ways.has(each))
    if (unknown.length > 0) open.push(...unknown)
    else {
      open.pop()
      ways.set(at, next.length === 0 ? 1 : next.reduce((sum, each) => sum + ways.get(each)!, 0))
    }
  }
  return ways.get(0) ?? 0
}
