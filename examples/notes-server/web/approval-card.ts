import type { PairClient } from '@pair/client'
import type { Deciding } from './deciding.ts'
import { el, type Child } from './dom.ts'
import { countdown, lifeInWords, timeAndDay } from './time.ts'
import { scopeInWords } from './wishes.ts'

type Access = Awaited<ReturnType<PairClient['access']['get']>>
type Code = Access['codes'][number]
export type Approval = Access['approvals'][number]

export interface Verdict {
  digest: string
  scopes?: string[]
  reason?: string
  userCode?: string
}

export interface CardPorts {
  deciding: Deciding
  /** What this browser holds: nobody gives more. */
  held: readonly string[]
  mayWrite: boolean
  now: () => number
  codes: readonly Code[]
  /** Whether another one with this id was shown before. */
  hasChanged: boolean
  /** The code of a device that a person typed here; without it a program that shows one is not approved. */
  userCode?: string
  approve(verdict: Verdict): void
  reject(verdict: Verdict): void
}

export interface Card {
  root: HTMLElement
  /** Moves the clock; `false`: its time is over. */
  tick(): boolean
  /** Whether its buttons may be pressed now. */
  refresh(): void
}

const kinds: Readonly<Record<string, string>> = { browser: 'Browser', app: 'App', agent: 'Agent' }
const transports: Readonly<Record<string, string>> = {
  cookie: 'by cookie',
  bearer: 'by a token that whoever holds it may use',
  dpop: 'by a token bound to its key',
}

/** A program without a browser: what ties it to a person is the code that he typed. */
const ownDoing =
  'A program asks by a code that it shows. Approve it only if you started it yourself, just now. If somebody gave you the code, reject it.'

/** A request to decide. What it shows is what is sent: the digest is that of the very item which was given. */
export function approvalCard(item: Approval, ports: CardPorts): Card {
  const { id, digest, label, clientId } = item
  const { userCode } = ports
  /** In a list it is only seen: whoever has the device before him types its code elsewhere. */
  const isUntyped = clientId !== null && userCode === undefined
  const clock = el('strong', { role: 'timer' })
  const reason = el('input', { id: `reason-${id}`, maxlength: '200', autocomplete: 'off' })
  const boxes = item.scopes.map((scope) => scopeBox(id, scope, ports))
  const chosen = (): string[] => boxes.flatMap(({ box }) => (box.checked ? [box.value] : []))
  const verdict = (): Verdict => {
    const text = reason.value.trim()
    return text === '' ? { digest } : { digest, reason: text }
  }
  const approve = el(
    'button',
    {
      id: `approve-${id}`,
      class: 'main',
      type: 'button',
      'aria-label': `Approve ${label}`,
      onclick: () =>
        ports.approve({ ...verdict(), scopes: chosen(), ...(userCode ? { userCode } : {}) }),
    },
    'Approve',
  )
  const reject = el(
    'button',
    {
      id: `reject-${id}`,
      class: 'danger',
      type: 'button',
      'aria-label': `Reject ${label}`,
      onclick: () => ports.reject(verdict()),
    },
    'Reject',
  )
  const refresh = (): void => {
    const isHeld = ports.deciding.isHeld()
    approve.disabled = isHeld || chosen().length === 0
    reject.disabled = isHeld
  }
  for (const { box } of boxes) box.addEventListener('change', refresh)
  const tick = (): boolean => {
    const left = item.expiresAt === null ? 0 : Date.parse(item.expiresAt) - ports.now()
    clock.textContent = countdown(left)
    return left > 0
  }
  tick()
  refresh()

  const root = el(
    'li',
    { class: 'request', 'data-approval': id, 'aria-label': `Request of ${label}` },
    ports.hasChanged &&
      el(
        'p',
        { class: 'notice bad' },
        el('strong', {}, 'This request has changed.'),
        ' This is how it is now: compare the number again.',
      ),
    clientId !== null && el('p', { class: 'notice' }, ownDoing),
    el(
      'div',
      { class: 'name' },
      el('strong', {}, label),
      el('span', { class: 'tag' }, kinds[item.kind] ?? item.kind),
    ),
    ...(clientId === null ? compared(item) : []),
    isUntyped && el('p', {}, el('a', { href: '/device', class: 'button' }, 'Type its code')),
    facts(item, ports, clock),
    el('fieldset', {}, el('legend', {}, 'It may'), ...boxes.map(({ row }) => row)),
    ports.mayWrite &&
      el(
        'div',
        {},
        el('label', { for: reason.id }, 'Reason, if you like to note one'),
        reason,
        el('div', { class: 'row' }, !isUntyped && approve, reject),
      ),
  )
  return { root, tick, refresh }
}

function compared({ matchCode }: Approval): Node[] {
  const text = 'Approve it only if the screen of that device shows this very number.'
  return [el('p', { class: 'match' }, matchCode), el('p', { class: 'soft' }, text)]
}

function codeInWords(codeId: string | null, code: Code | undefined): string {
  if (codeId === null) return 'none'
  return `${code?.label ?? 'made for another device'} (${codeId.slice(0, 12)}…)`
}

function scopeBox(
  id: string,
  scope: string,
  { held, mayWrite }: CardPorts,
): { row: HTMLElement; box: HTMLInputElement } {
  const has = held.includes(scope)
  const box = el('input', {
    id: `scope-${id}-${scope}`,
    type: 'checkbox',
    value: scope,
    checked: has,
    disabled: !has || !mayWrite,
  })
  const row = el(
    'label',
    { class: 'choice' },
    box,
    el(
      'span',
      {},
      scopeInWords(scope),
      !has && el('span', { class: 'soft' }, ' (more than this browser may give)'),
    ),
  )
  return { row, box }
}

/** All else that the decision is about. Whatever a newcomer wrote is text here. */
function facts(item: Approval, { codes }: CardPorts, clock: HTMLElement): HTMLElement {
  const { thumbprint, codeId, clientId } = item
  const code = codes.find((one) => one.id === codeId)
  const rows: readonly (readonly [string, ...Child[]])[] = [
    ...(clientId === null
      ? [['From', el('span', { class: 'mono' }, item.origin ?? 'no page')] as const]
      : [['Program', el('span', { class: 'mono' }, clientId)] as const]),
    ['Address', el('span', { class: 'mono' }, item.address ?? 'unknown')],
    [
      'Key',
      thumbprint === null
        ? 'none'
        : el('span', { class: 'mono', title: thumbprint }, `${thumbprint.slice(0, 10)}…`),
    ],
    ['Signs in', transports[item.transport] ?? item.transport],
    ['Lasts', thumbprint === null ? 'a day at most, since it has no key' : lifeInWords(item.life)],
    ...(clientId === null ? [['Code', codeInWords(codeId, code)] as const] : []),
    ...(item.subject === 'owner' ? [] : [['For', item.subject] as const]),
    ...(item.data === null ? [] : [['With', JSON.stringify(item.data)] as const]),
    ['Asked', timeAndDay(item.requestedAt)],
    ['Ends in', clock],
  ]
  return el(
    'dl',
    { class: 'facts' },
    ...rows.flatMap(([name, ...value]) => [el('dt', {}, name), el('dd', {}, ...value)]),
  )
}
