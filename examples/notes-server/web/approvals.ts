import { isPairClientError, type PairClient } from '@pair/client'
import { approvalCard, type Approval, type Card, type Verdict } from './approval-card.ts'
import type { Deciding } from './deciding.ts'
import { el, show } from './dom.ts'
import type { Page } from './shell.ts'
import { ago, timeAndDay } from './time.ts'

type Access = Awaited<ReturnType<PairClient['access']['get']>>

export interface ApprovalsPorts {
  page: Page
  deciding: Deciding
  /** Runs it, tells in words what failed, and shows everything anew. */
  attempt: (deed: () => Promise<void>) => Promise<void>
  refresh: () => void
  mayWrite: boolean
}

export interface Approvals {
  root: HTMLElement
  update(now: Access): void
  close(): void
}

interface Shown extends Card {
  item: Approval
}

/** Who waits to be let in, and what was decided and can be forgotten. */
export function approvals({
  page,
  deciding,
  attempt,
  refresh,
  mayWrite,
}: ApprovalsPorts): Approvals {
  const { access } = page.client
  const held = page.client.getSnapshot().session?.scopes ?? []
  const heading = el('h2', { id: 'waiting-title', tabindex: '-1' }, 'Waiting to be let in')
  const news = el('p', { class: 'unseen', role: 'status' })
  const list = el('ul', { class: 'list', id: 'approvals', 'aria-labelledby': 'waiting-title' })
  const empty = el('p', { class: 'empty' }, 'Nobody is waiting.')
  const decided = el('div')
  const root = el('section', {}, heading, news, empty, list, decided)
  /** By id, as they stand on the page. */
  let shown = new Map<string, Shown>()
  /** Those of which another version was on this page. */
  const changed = new Set<string>()

  const decide = (id: string, deed: () => Promise<unknown>): void =>
    deciding.run(() =>
      attempt(async () => {
        try {
          await deed()
        } catch (error) {
          if (isPairClientError(error) && error.code === 'approval_changed') changed.add(id)
          throw error
        } finally {
          // the button that was pressed may go, and the focus with it
          heading.focus({ preventScroll: true })
        }
      }),
    )

  const open = (item: Approval, now: Access): Shown => {
    const before = shown.get(item.id)
    if (before?.item.digest === item.digest) return before
    if (before) changed.add(item.id)
    const card = approvalCard(item, {
      deciding,
      held,
      mayWrite,
      now: page.now,
      codes: now.codes,
      hasChanged: changed.has(item.id),
      approve: (verdict: Verdict) => decide(item.id, () => access.approve(item.id, verdict)),
      reject: (verdict: Verdict) => decide(item.id, () => access.reject(item.id, verdict)),
    })
    return { ...card, item }
  }

  const tell = (next: ReadonlyMap<string, Shown>): void => {
    const [first] = [...next.values()].filter(({ item }) => !shown.has(item.id))
    if (first) news.textContent = `${first.item.label} asks to be let in.`
    else if ([...next.values()].some((one) => shown.get(one.item.id) !== one))
      news.textContent = 'A request has changed.'
  }

  const place = (next: Map<string, Shown>): void => {
    const isSame =
      next.size === shown.size && [...next.values()].every((one) => shown.get(one.item.id) === one)
    if (isSame) return
    tell(next)
    shown = next
    show(list, ...[...next.values()].map((card) => card.root))
    document.title = next.size === 0 ? 'Devices' : `(${next.size}) Devices`
    deciding.settle()
  }

  const timer = setInterval(() => {
    // its time is over: the server says so too, and the card goes
    if ([...shown.values()].map((card) => card.tick()).includes(false)) refresh()
  }, 1_000)
  deciding.subscribe(() => {
    for (const card of shown.values()) card.refresh()
    for (const button of decided.querySelectorAll('button')) button.disabled = deciding.isHeld()
  })

  return {
    root,
    update(now) {
      const waiting = now.approvals
        .filter(({ state }) => state === 'pending')
        .toSorted((a, b) => (a.requestedAt < b.requestedAt ? -1 : 1))
      place(new Map(waiting.map((item) => [item.id, open(item, now)])))
      const past = now.approvals.filter(
        (item) => item.state === 'approved' || item.state === 'rejected',
      )
      for (const id of changed) if (!shown.has(id)) changed.delete(id)
      const forget = (id: string): void => decide(id, () => access.forget(id))
      show(decided, past.length > 0 && decidedList(past, now, page.now(), mayWrite ? forget : null))
      for (const button of decided.querySelectorAll('button')) button.disabled = deciding.isHeld()
      const takesRequests = !['closed', 'code'].includes(now.admission.mode)
      empty.hidden = waiting.length > 0
      list.hidden = waiting.length === 0
      root.hidden = !takesRequests && now.approvals.length === 0
    },
    close: () => clearInterval(timer),
  }
}

/** Decisions that still hold, and who made them. */
function decidedList(
  items: readonly Approval[],
  now: Access,
  at: number,
  forget: ((id: string) => void) | null,
): HTMLElement {
  const rows = items.map((item) => {
    const { id, decision } = item
    const until =
      item.state === 'approved' && item.expiresAt !== null
        ? `, waits to be collected until ${timeAndDay(item.expiresAt)}`
        : ''
    const verb = item.state === 'approved' ? 'Approved' : 'Rejected'
    const when = decision ? ` ${ago(decision.at, at)} by ${decider(decision.by, now)}` : ''
    return el(
      'li',
      { 'data-approval': id },
      el(
        'div',
        { class: 'grow' },
        el('div', { class: 'name' }, el('strong', {}, item.label)),
        el('div', { class: 'soft' }, verb, when, until),
        decision?.reason && el('div', { class: 'soft' }, `“${decision.reason}”`),
      ),
      forget &&
        el(
          'button',
          {
            id: `forget-${id}`,
            type: 'button',
            'aria-label': `Forget the decision about ${item.label}`,
            onclick: () => forget(id),
          },
          'Forget',
        ),
    )
  })
  return el(
    'div',
    {},
    el('h3', { id: 'decided-title' }, 'Decided'),
    el('ul', { class: 'list', id: 'decided', 'aria-labelledby': 'decided-title' }, ...rows),
  )
}

function decider(by: NonNullable<Approval['decision']>['by'], { devices }: Access): string {
  if (by.kind !== 'session') return by.kind === 'operator' ? 'the operator' : by.kind
  const device = devices.find(({ id }) => id === by.deviceId)
  if (device?.current) return 'this device'
  return device?.label ?? 'a device that is gone'
}
