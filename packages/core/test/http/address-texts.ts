/** Whole numbers below what is asked for; the same seed draws the same. */
export type Draw = (below: number) => number

export function createDraw(seed: number): Draw {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor(((state >>> 8) / 2 ** 24) * below)
  }
}

export const pick = <T>(draw: Draw, items: readonly T[]): T => items[draw(items.length)]!

export const anyIPv4 = (draw: Draw): string => Array.from({ length: 4 }, () => draw(256)).join('.')

export const anyGroups = (draw: Draw): number[] =>
  Array.from({ length: 8 }, () => (draw(3) === 0 ? 0 : draw(65_536)))

/** Eight groups as somebody may write them: padded, in capitals, one run of zeros left out, the end as IPv4. */
export function spell(groups: readonly number[], draw: Draw): string {
  const dotted = draw(4) === 0
  const words = groups.map((group) => {
    const hex = group.toString(16).padStart(draw(2) === 0 ? 1 : 4, '0')
    return draw(2) === 0 ? hex : hex.toUpperCase()
  })
  if (dotted) {
    const [high, low] = [groups[6]!, groups[7]!]
    words.splice(6, 2, [high >> 8, high & 255, low >> 8, low & 255].join('.'))
  }
  const hidden = groups.slice(0, dotted ? 6 : 8)
  const from = draw(hidden.length)
  const to = hidden.findIndex((group, at) => at >= from && group !== 0)
  const end = to === -1 ? hidden.length : to
  if (end === from || draw(3) === 0) return words.join(':')
  return `${words.slice(0, from).join(':')}::${words.slice(end).join(':')}`
}

/** Nearly an address: one that was spelled, with a few marks put in, cut out or changed. */
export function damage(text: string, draw: Draw): string {
  const marks = [...'0123456789abcfx.:[]%/ -', '::', '0x', '00', '\0', '\n', '１', '٣', '\u{1F600}']
  let damaged = text
  for (let times = 1 + draw(3); times > 0; times--) {
    const at = draw(damaged.length + 1)
    damaged = damaged.slice(0, at) + pick(draw, marks) + damaged.slice(at + draw(3))
  }
  return damaged
}
