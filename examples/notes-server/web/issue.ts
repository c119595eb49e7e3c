import { el } from './dom.ts'
import { qrCode } from './qr.ts'
import type { Page } from './shell.ts'
import { countdown } from './time.ts'

type Access = Awaited<ReturnType<Page['client']['access']['get']>>
type Issued = Awaited<ReturnType<Page['client']['access']['issueCode']>>

export interface Issuing {
  root: HTMLElement
  /** Compares with who has access now: where the code that is shown is missing, it was used or revoked. */
  update(now: Access): void
  close(): void
}

const choices: Readonly<Record<string, readonly string[]>> = {
  read: ['notes:read'],
  write: ['notes:read', 'notes:write'],
  all: ['notes:read', 'notes:write', 'access:read', 'access:write'],
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
    ...[
      ['write', 'read and write notes'],
      ['read', 'read notes'],
      ['all', 'read and write notes, and manage devices'],
    ]
      .filter(([value = '']) => choices[value]?.every((scope) => held.includes(scope)))
      .map(([value = '', text = '']) => el('option', { value }, text)),
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
      const issued = await page.client.access.issueCode({ scopes: [...(choices[may.value] ?? [])] })
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
