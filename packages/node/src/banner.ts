import { isLoopbackHost } from './addresses.ts'
import { terminalQr } from './terminal-qr.ts'

export interface BannerOptions {
  /** The pairing link. */
  link: string
  /** The same code to type: `XXX-XXX-XXX`. */
  typed: string
  /** Until when the code is good; milliseconds since the epoch. */
  expiresAt: number
  /** The present instant. Default: the clock of this process. */
  now?: number
  /** What this server is called. Default `This server`. */
  name?: string
  /** All origins by which it is reached, as `reachableAddresses` answers. The QR code takes the first that a phone can use. */
  addresses?: readonly string[]
  /** Whether to use colours. Default: where standard output is a terminal and `NO_COLOR` is not set. */
  color?: boolean
  /** Whether to draw the QR code. Default `true`. */
  qr?: boolean
}

/** What a terminal shows when the server listens: link, typed code, QR code, and until when they are good. */
export function startupBanner(options: BannerOptions): string {
  const { link, typed, expiresAt, now = Date.now(), qr = true } = options
  const color = options.color ?? (process.stdout.isTTY === true && !process.env['NO_COLOR'])
  const bold = (text: string): string => (color ? `\u001B[1m${text}\u001B[22m` : text)
  const dim = (text: string): string => (color ? `\u001B[2m${text}\u001B[22m` : text)
  const url = new URL(link)
  const page = `${url.origin}${url.pathname}`
  const others = (options.addresses ?? []).filter(
    (origin) => origin !== url.origin && !isLoopbackOrigin(origin),
  )
  const forPhone = isLoopbackOrigin(link) ? others[0] : url.origin
  const scanned =
    forPhone === undefined ? link : `${forPhone}${url.pathname}${url.search}${url.hash}`

  return [
    '',
    bold(`${plain(options.name ?? 'This server')} is running.`),
    '',
    'Open this link in a browser to pair it:',
    bold(link),
    '',
    `Or type this code at ${page}`,
    bold(typed),
    '',
    ...(qr ? [...terminalQr(scanned, { color }), ''] : []),
    ...phoneLines({ scanned, forPhone, others, qr }).map(dim),
    dim(`The code works once, until ${clockTime(expiresAt)} (${inWords(expiresAt - now)}).`),
    '',
  ]
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n')
}

/** Which of the addresses a phone can use, and what to do where it can use none. */
function phoneLines(at: {
  scanned: string
  forPhone: string | undefined
  others: readonly string[]
  qr: boolean
}): string[] {
  if (at.forPhone === undefined)
    return [
      `Only this computer can open that link: a phone can not reach ${new URL(at.scanned).hostname}.`,
    ]
  const further = at.others.filter((origin) => origin !== at.forPhone)
  return [
    ...(at.qr ? [`The QR code opens ${at.forPhone}, for a phone on the same network.`] : []),
    ...(further.length > 0 ? [`It is also reached at ${further.join(', ')}`] : []),
  ]
}

function isLoopbackOrigin(url: string): boolean {
  return isLoopbackHost(new URL(url).hostname)
}

/** A name could hold escape sequences that move the cursor over the link. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, '')
}

function clockTime(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':')
}

function inWords(ms: number): string {
  // a code that was made a moment ago is still one of ten minutes
  const minutes = Math.floor((ms + 5_000) / 60_000)
  if (minutes < 1) return 'less than a minute'
  if (minutes < 120) return minutes === 1 ? '1 minute' : `${minutes} minutes`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`
}
