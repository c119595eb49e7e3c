import { isLoopbackHost } from './addresses.ts'
import { terminalQr } from './terminal-qr.ts'

interface BannerLook {
  /** What this server is called. Default `This server`. */
  name?: string
  /** All origins by which it is reached, as `reachableAddresses` answers. The QR code takes the first that a phone can use. */
  addresses?: readonly string[]
  /** Whether to use colours. Default: where standard output is a terminal and `NO_COLOR` is not set. */
  color?: boolean
  /** Whether to draw the QR code. Default `true`. */
  qr?: boolean
}

export interface BannerOptions extends BannerLook {
  /** The pairing link. */
  link: string
  /** The same code to type: `XXX-XXX-XXX`. */
  typed: string
  /** Until when the code is good; milliseconds since the epoch. */
  expiresAt: number
  /** The present instant. Default: the clock of this process. */
  now?: number
}

export interface OwnerBannerOptions extends BannerLook {
  /** As `pair.ownerSecret` answers. `null`: there is nothing to claim any more, and no secret is shown. */
  owner: { link: string; secret: string } | null
  /** The same that `pair.ownerSecret` was given. */
  origin: string
}

/** What a terminal shows when the server listens: link, typed code, QR code, and until when they are good. */
export function startupBanner(options: BannerOptions): string {
  const { link, typed, expiresAt, now = Date.now() } = options
  return banner(options, ({ bold, dim }) => [
    'Open this link in a browser to pair it:',
    bold(link),
    '',
    `Or type this code at ${pageOf(link)}`,
    bold(typed),
    '',
    ...toScan(link, options, dim),
    dim(`The code works once, until ${clockTime(expiresAt)} (${inWords(expiresAt - now)}).`),
  ])
}

/**
 * What a terminal shows where a person decides who comes in, or nobody does: until this server has its owner the link
 * and secret that make one, and from then on where requests are decided.
 *
 * @example
 * import { createPair, memoryStore } from '@pair/core'
 * import { fileSecrets, ownerBanner } from '@pair/node'
 *
 * const pair = createPair({ secret: fileSecrets('.data'), store: memoryStore(), admission: 'approval' })
 * const origin = 'http://127.0.0.1:3000'
 * console.log(ownerBanner({ owner: await pair.ownerSecret({ origin }), origin }))
 */
export function ownerBanner(options: OwnerBannerOptions): string {
  const { owner, origin } = options
  const devices = `${origin}${origin.endsWith('/') ? '' : '/'}devices`
  if (owner === null) return banner(options, () => [`Requests are decided at ${devices}`])
  const { link, secret } = owner
  return banner(options, ({ bold, dim }) => [
    'Open this link in a browser to own this server:',
    bold(link),
    '',
    `Or enter this secret at ${pageOf(link)}`,
    bold(secret),
    '',
    ...toScan(link, options, dim),
    dim('It works once, and whoever uses it is the owner: show it to nobody else.'),
    dim(`From then on requests are decided at ${devices}`),
  ])
}

interface Styles {
  bold(text: string): string
  dim(text: string): string
}

/** The frame of every banner: the name above, and room around. */
function banner(options: BannerLook, body: (styles: Styles) => readonly string[]): string {
  const color = hasColor(options)
  const bold = (text: string): string => (color ? `\u001B[1m${text}\u001B[22m` : text)
  const dim = (text: string): string => (color ? `\u001B[2m${text}\u001B[22m` : text)
  const title = bold(`${plain(options.name ?? 'This server')} is running.`)
  return ['', title, '', ...body({ bold, dim }), '']
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n')
}

function hasColor({ color }: BannerLook): boolean {
  return color ?? (process.stdout.isTTY === true && !process.env['NO_COLOR'])
}

/** The QR code of a link as a phone can open it, and what there is to say of it. */
function toScan(link: string, options: BannerLook, dim: Styles['dim']): string[] {
  const { qr = true } = options
  const url = new URL(link)
  const others = (options.addresses ?? []).filter(
    (origin) => origin !== url.origin && !isLoopbackOrigin(origin),
  )
  const forPhone = isLoopbackOrigin(link) ? others[0] : url.origin
  const scanned =
    forPhone === undefined ? link : `${forPhone}${url.pathname}${url.search}${url.hash}`
  return [
    ...(qr ? [...terminalQr(scanned, { color: hasColor(options) }), ''] : []),
    ...phoneLines({ scanned, forPhone, others, qr }).map(dim),
  ]
}

/** Where that link leads, without its secret. */
function pageOf(link: string): string {
  const { origin, pathname } = new URL(link)
  return `${origin}${pathname}`
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
