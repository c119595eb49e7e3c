import type { PairSnapshot } from '@pair/client'
import { el, show } from './dom.ts'
import { problemSentence } from './sentences.ts'
import { countdown } from './time.ts'
import { offeredWishes, scopeInWords, scopesOf } from './wishes.ts'

/** The screen of a browser that waits to be let in. */
export interface Waiting {
  root: HTMLElement
  update(snapshot: PairSnapshot & { status: 'pending' }, isBusy: boolean): void
  close(): void
}

export interface WaitingPorts {
  now: () => number
  withdraw: () => void
  /** Asks for other scopes: whoever saw the request before sees another one. */
  change: (scopes: string[]) => void
}

export function waiting({ now, withdraw, change }: WaitingPorts): Waiting {
  let expiresAt = 0
  let longest = 0
  const match = el('p', { id: 'match', class: 'match', role: 'img' })
  const state = el('p', { id: 'state', role: 'status' })
  const clock = el('strong', { id: 'clock', role: 'timer' })
  const facts = el('dl', { class: 'facts' })
  const back = el('button', { id: 'withdraw', type: 'button', onclick: withdraw }, 'Withdraw')
  const wish = el(
    'select',
    { id: 'wish' },
    ...offeredWishes().map(({ value, text }) => el('option', { value }, text)),
  )
  const other = el(
    'button',
    { id: 'change', type: 'button', onclick: () => change(scopesOf(wish.value)) },
    'Ask for that instead',
  )
  const more = el(
    'details',
    {},
    el('summary', {}, 'Ask for something else'),
    el('label', { for: 'wish' }, 'This browser would like to'),
    wish,
    other,
  )
  const tick = (): void => {
    clock.textContent = countdown(Math.min(expiresAt - now(), longest))
  }
  const timer = setInterval(tick, 1_000)

  return {
    root: el(
      'section',
      { 'aria-labelledby': 'waiting' },
      el('h1', { id: 'waiting', tabindex: '-1' }, 'Waiting to be let in'),
      el(
        'p',
        {},
        'Somebody who manages devices of this server decides, on the page “Devices”. That screen must show this number; another number is another request.',
      ),
      el(
        'div',
        { class: 'card center' },
        match,
        state,
        el('p', { class: 'soft' }, 'This request ends in ', clock),
      ),
      facts,
      el('div', { class: 'row' }, back),
      more,
    ),
    update({ approval, problem, server }, isBusy) {
      expiresAt = Date.parse(approval.expiresAt)
      // the two clocks may differ by a moment
      longest = expiresAt - Date.parse(approval.requestedAt)
      tick()
      if (match.textContent !== approval.matchCode) {
        match.textContent = approval.matchCode
        match.setAttribute('aria-label', approval.matchCode.split('').join(' '))
        show(
          facts,
          ...[
            ['Server', el('span', { class: 'mono' }, location.origin)] as const,
            ['Its name there', approval.label] as const,
            ['It asks for', approval.scopes.map(scopeInWords).join(', ')] as const,
          ].flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]),
        )
      }
      const text = problem ? troubleSentence(problem) : 'Waiting for a decision…'
      // told once, not at each look
      if (state.textContent !== text) state.textContent = text
      state.classList.toggle('bad', problem !== undefined)
      more.hidden = server?.admission !== 'approval'
      for (const button of [back, other]) button.disabled = isBusy
    },
    close: () => clearInterval(timer),
  }
}

/** It goes on waiting whatever this is. */
function troubleSentence(problem: NonNullable<PairSnapshot['problem']>): string {
  if (problem.code === 'offline')
    return 'The server can not be reached. This page goes on waiting, and tries again by itself.'
  const { title, text } = problemSentence(problem)
  return `${title} ${text}`
}
