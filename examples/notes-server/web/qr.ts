import { encode } from 'uqr'

const namespace = 'http://www.w3.org/2000/svg'

/** A QR code as an image, black on white with its quiet zone. */
export function qrCode(text: string, label: string): SVGSVGElement {
  const { data, size } = encode(text, { ecc: 'M', border: 4 })
  const path = document.createElementNS(namespace, 'path')
  path.setAttribute('d', toPath(data))
  const svg = document.createElementNS(namespace, 'svg')
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`)
  svg.setAttribute('shape-rendering', 'crispEdges')
  svg.setAttribute('class', 'qr')
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', label)
  svg.append(path)
  return svg
}

function toPath(data: readonly (readonly boolean[])[]): string {
  const squares: string[] = []
  data.forEach((row, y) => row.forEach((dark, x) => dark && squares.push(`M${x} ${y}h1v1h-1z`)))
  return squares.join('')
}
