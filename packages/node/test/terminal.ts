import jsqr from 'jsqr'

const scale = 6

/** Reads the QR code in a text of half blocks, as a camera sees it on a terminal of that theme. */
export function readTerminalQr(text: string, theme: 'dark' | 'light'): string | null {
  const lines = text.split('\n').filter((line) => /[█▀▄]/.test(line))
  const rows = lines.map((line) => (/[█▀▄][█▀▄ ]*[█▀▄]/.exec(line)?.[0] ?? '').split(''))
  const columns = Math.max(...rows.map((row) => row.length))
  const margin = 4
  const width = (columns + 2 * margin) * scale
  const height = (2 * rows.length + 2 * margin) * scale
  // With colours of its own the code looks the same everywhere.
  const ground = theme === 'dark' ? 0 : 255
  const own = text.includes('\u001B[38;5;231')
  const block = own ? 255 : 255 - ground
  const blank = own ? 0 : ground
  const pixels = new Uint8ClampedArray(4 * width * height).fill(255)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const row = Math.floor(y / scale) - margin
      const char = rows[Math.floor(row / 2)]?.[Math.floor(x / scale) - margin]
      const filled =
        char === '█' || (char === '▀' && row % 2 === 0) || (char === '▄' && row % 2 !== 0)
      pixels.fill(
        char === undefined ? ground : filled ? block : blank,
        4 * (y * width + x),
        4 * (y * width + x) + 3,
      )
    }
  return jsqr.default(pixels, width, height)?.data ?? null
}
