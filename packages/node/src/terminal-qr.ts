import { encode } from 'uqr'

/**
 * A QR code for a terminal, two rows of modules a line. With colour it is black on white whatever the theme is; without,
 * the light modules are drawn, which is right on a dark terminal (on a light one it shows inverted; phones read both).
 */
export function terminalQr(text: string, options: { color: boolean }): string[] {
  const { data, size } = encode(text, { ecc: 'L', border: 2 })
  const isLight = (row: number, column: number): boolean => !(data[row]?.[column] ?? false)
  const lines: string[] = []
  for (let row = 0; row < size; row += 2) {
    let line = ''
    for (let column = 0; column < size; column++) {
      const upper = isLight(row, column)
      const lower = row + 1 < size && isLight(row + 1, column)
      line += upper ? (lower ? '█' : '▀') : lower ? '▄' : ' '
    }
    // the last line of an odd code has no lower row: there the theme's own background stays
    const background = row + 1 < size ? ';48;5;16' : ''
    lines.push(options.color ? `\u001B[38;5;231${background}m${line}\u001B[0m` : line)
  }
  return lines
}
