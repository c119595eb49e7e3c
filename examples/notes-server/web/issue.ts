import { el } from './dom.ts'
import { qrCode } from './qr.ts'
import type { Page } from './shell.ts'
import { countdown } from './time.ts'
import { scopesOf, wishes } from './wishes.ts'

type Access = Awaited<ReturnType<Page['client']['access']['get']>>
type Issued = Awaited<ReturnType<Page['client']['access']['issueCode']>>

export interface Issuing {
  root: HTMLElement
  /** Compares with who has access now: where the code that is shown is missing, it was used or revoked. */
  update(now: Access): void
  close(): void
}

/** Issues a code for another device and shows it: link, typed form, QR code and a clock. */
export function issuing(
  page: Page,
  attempt: (deed: () => Promise<void>) => Promise<void>,
): Issuing {
  const held = page.client.getSnapshot().session?.scopes ?? []
  let newcomer: string | undefined
  let shown: { issued: Issued; stop: () => void } | undefined
  const box = el('div')
  const may = el(
    'select',
    { id: 'may' },
    ...wishes
      .filter(({ scopes }) => scopes.every((scope) => held.includes(scope)))
      .map(({ value, text }) => el('option', { value }, text)),
  )
  const end = (text?: string): void => {
    shown?.stop()
    shown = undefined
    newcomer = undefined
    box.replaceChildren(
      ...(text === undefined ? [] : [el('p', { class: 'notice', role: 'status' }, text)]),
    )
  }
  const issue = (): Promise<void> =>
    attempt(async () => {
      const issued = await page.client.access.issueCode({ scopes: scopesOf(may.value) })
      const addresses = await readAddresses(page)
      end()
      const card = issuedCard(issued, addresses, page.now, () =>
        end('That code has run out. Make a fresh one.'),
      )
      shown = { issued, stop: card.stop }
      box.replaceChildren(card.root)
    })
  const form = el(
    'form',
    {
      class: 'card',
      onsubmit: (event) => {
        event.preventDefault()
        void issue()
      },
    },
    el('label', { for: 'may' }, 'The new device may'),
    may,
    el('button', { id: 'issue', class: 'main', type: 'submit' }, 'Make a code'),
  )
  return {
    root: el('div', {}, form, box),
    update({ codes, devices }) {
      const code = shown?.issued.code
      // what was said of a device that is gone again is not left standing
      if (newcomer && !devices.some(({ id, session }) => id === newcomer && session)) end()
      if (code === undefined || codes.some(({ id }) => id === code.id)) return
      const paired = devices.find(({ createdAt }) => createdAt >= code.createdAt)
      end(
        paired ? `“${paired.label}” is paired now.` : 'That code is gone: it was used or revoked.',
      )
      newcomer = paired?.id
    },
    close: () => end(),
  }
}

/** How another device comes in where codes are refused. */
export async function howToAsk(page: Page, mode: string): Promise<HTMLElement> {
  if (mode !== 'approval')
    return el('p', { class: 'empty' }, 'Nobody new comes in at present: see below how that is set.')
  const { link, isLocalOnly } = linkForPhone(`${location.origin}/pair`, await readAddresses(page))
  return el(
    'section',
    { class: 'card issued', 'aria-label': 'How another device asks' },
    el(
      'div',
      {},
      el('p', {}, 'On the other device, open this address and ask. It then waits here for you.'),
      el('p', { class: 'link' }, link),
      isLocalOnly &&
        el(
          'p',
          { class: 'soft' },
          `Only this computer can open it: a phone can not reach ${location.hostname}.`,
        ),
    ),
    qrCode(link, 'QR code of that address'),
  )
}

function issuedCard(
  issued: Issued,
  addresses: readonly string[],
  now: () => number,
  onEnd: () => void,
): { root: HTMLElement; stop: () => void } {
  const expiresAt = Date.parse(issued.code.expiresAt)
  const { link, isLocalOnly } = linkForPhone(issued.link, addresses)
  const page = new URL(link)
  const clock = el('strong', { id: 'clock', role: 'timer' })
  const tick = (): void => {
    clock.textContent = countdown(expiresAt - now())
    if (now() >= expiresAt) onEnd()
  }
  const timer = setInterval(tick, 1_000)
  tick()
  const copy = el(
    'button',
    { type: 'button', onclick: () => void copyLink(link, copy) },
    'Copy link',
  )
  const root = el(
    'section',
    { class: 'card issued', 'aria-label': 'The new code' },
    el(
      'div',
      {},
      el(
        'p',
        { class: 'soft' },
        `On the other device, open ${page.origin}${page.pathname} and type`,
      ),
      el('p', { class: 'typed', id: 'typed' }, issued.typed),
      el('p', { class: 'soft' }, 'or open this link, or scan the square:'),
      el('p', { class: 'link', id: 'link' }, link),
      el(
        'div',
        { class: 'row' },
        copy,
        el('span', { class: 'soft' }, 'Works once. Good for ', clock),
      ),
      isLocalOnly &&
        el(
          'p',
          { class: 'soft' },
          `Only this computer can open that link: a phone can not reach ${page.hostname}.`,
        ),
    ),
    qrCode(link, 'QR code of the pairing link'),
  )
  return { root, stop: () => clearInterval(timer) }
}

/** The link by which another device gets here: a loopback address leads a phone to itself. */
function linkForPhone(
  link: string,
  addresses: readonly string[],
): { link: string; isLocalOnly: boolean } {
  const url = new URL(link)
  if (!isLoopback(url.hostname)) return { link, isLocalOnly: false }
  const outside = addresses.find((origin) => !isLoopback(new URL(origin).hostname))
  if (outside === undefined) return { link, isLocalOnly: true }
  return { link: `${outside}${url.pathname}${url.search}${url.hash}`, isLocalOnly: false }
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}

async function readAddresses(page: Page): Promise<string[]> {
  try {
    const { items } = (await (await page.client.fetch('/api/addresses')).json()) as {
      items?: string[]
    }
    return items ?? []
  } catch {
    return []
  }
}

async function copyLink(link: string, button: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(link)
    button.textContent = 'Copied'
  } catch {
    button.textContent = 'Mark the link to copy it'
  }
}
