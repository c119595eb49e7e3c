import type { PairSnapshot } from '@pair/client'
import { el } from './dom.ts'
import { problemSentence, waysIn, type Problem } from './sentences.ts'
import { notice } from './shell.ts'
import { offeredWishes, scopesOf } from './wishes.ts'

/** What a person who has no session yet is told of. */
export interface Standing {
  problem: Problem | undefined
  server: PairSnapshot['server']
}

/** One click, on a page that names the server: a link alone must not sign anyone in. */
export function openedCode(standing: Standing, onPair: () => void): Node[] {
  return [
    el('h1', {}, 'Pair this browser?'),
    ...problemOf(standing),
    el('p', {}, 'You opened a pairing link of this server:'),
    origin(),
    el(
      'p',
      {},
      'Once paired, this browser may use it until it is signed out. If you did not expect this, close this page.',
    ),
    ...decidedLater(standing),
    ...insecureNote(),
    el('p', {}, mainButton('Pair this browser', onPair)),
  ]
}

/** The link of the first owner, whose click is all that there is to do. */
export function openedOwner(standing: Standing, onClaim: () => void): Node[] {
  return [
    el('h1', {}, 'Become the owner of this server?'),
    ...problemOf(standing),
    el('p', {}, 'You opened the owner link of this server:'),
    origin(),
    el(
      'p',
      {},
      'Its owner uses everything here and decides who else comes in. The link works once. If you did not start this server, close this page.',
    ),
    isSecureContext
      ? el('p', {}, mainButton(`Become the owner of ${location.origin}`, onClaim))
      : notice(
          'Not over this connection.',
          'It is not encrypted, so this browser can have no key, and an owner needs one. Open the link on the computer of the server itself, or over https.',
        ),
  ]
}

/** Where codes are taken. */
export function typing(standing: Standing, typed: string, onCode: (code: string) => void): Node[] {
  const input = el('input', {
    id: 'code',
    class: 'code',
    required: true,
    autocomplete: 'off',
    autocapitalize: 'characters',
    spellcheck: 'false',
    enterkeyhint: 'go',
    placeholder: 'XXX-XXX-XXX',
    'aria-describedby': 'code-help',
  })
  // a code that was refused can be mended
  input.value = typed
  const submit = (event: Event): void => {
    event.preventDefault()
    onCode(input.value)
  }
  queueMicrotask(() => input.focus())
  const printed =
    standing.server?.admission === 'code+approval'
      ? 'A paired device shows it on its page “Devices”.'
      : 'The server printed it when it started, or a paired device shows it on its page “Devices”.'
  return [
    el('h1', {}, 'Pair this browser'),
    ...problemOf(standing),
    el('p', {}, 'It will be paired with this server:'),
    origin(),
    el(
      'form',
      { onsubmit: submit },
      el('label', { for: 'code' }, 'Code'),
      input,
      el(
        'p',
        { id: 'code-help', class: 'soft' },
        `${printed} Small letters are fine, and so is a whole link.`,
      ),
      ...decidedLater(standing),
      ...insecureNote(),
      el('button', { id: 'pair', class: 'main', type: 'submit' }, 'Pair this browser'),
    ),
  ]
}

/** Where a person lets others in. */
export function asking(standing: Standing, onAsk: (scopes: string[]) => void): Node[] {
  const wish = el(
    'select',
    { id: 'wish' },
    ...offeredWishes().map(({ value, text }) => el('option', { value }, text)),
  )
  const submit = (event: Event): void => {
    event.preventDefault()
    onAsk(scopesOf(wish.value))
  }
  return [
    el('h1', {}, 'Ask to be let in'),
    ...problemOf(standing),
    el(
      'p',
      {},
      'Somebody who manages devices of this server decides whether this browser may come in:',
    ),
    origin(),
    el(
      'form',
      { onsubmit: submit },
      el('label', { for: 'wish' }, 'This browser would like to'),
      wish,
      ...insecureNote(),
      el('button', { id: 'pair', class: 'main', type: 'submit' }, 'Ask to be let in'),
    ),
  ]
}

/** Where nobody new comes in: closed, or by a word that this page does not know. */
export function noWayIn(standing: Standing): Node[] {
  const isClosed = standing.server?.admission === 'closed'
  return [
    el('h1', {}, isClosed ? 'Nobody new is let in' : 'Nobody new can come in'),
    ...problemOf(standing),
    el('p', {}, 'This server takes neither codes nor requests at present:'),
    origin(),
    el(
      'p',
      { role: 'status' },
      isClosed
        ? 'Its owner can change that on the page “Devices” of a paired browser. Then load this page again.'
        : waysIn(standing.server?.admission),
    ),
  ]
}

export function alreadyPaired(
  snapshot: PairSnapshot,
  cameBy: 'code' | 'owner' | undefined,
): Node[] {
  const unused =
    cameBy === 'owner'
      ? 'The owner link was not used.'
      : 'The code of your link was not used: it is still good for another device.'
  return [
    el('h1', {}, 'This browser is paired'),
    el(
      'p',
      {},
      'The server knows it as ',
      el('strong', {}, snapshot.session?.device.label ?? 'this browser'),
      '.',
    ),
    ...(cameBy ? [el('p', { role: 'status' }, unused)] : []),
    el('p', {}, el('a', { class: 'button', href: '/' }, 'Go to the notes')),
  ]
}

/** For who started the server and can't open the link that it printed. */
export function ownerForm(onClaim: (secret: string) => void): HTMLElement {
  const input = el('input', {
    id: 'secret',
    class: 'mono',
    required: true,
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
  })
  const submit = (event: Event): void => {
    event.preventDefault()
    onClaim(input.value)
  }
  return el(
    'details',
    {},
    el('summary', {}, 'Did you start this server?'),
    el(
      'form',
      { onsubmit: submit },
      el('label', { for: 'secret' }, 'Owner secret or link, as the server printed it'),
      input,
      el('button', { id: 'claim', type: 'submit' }, 'Become the owner'),
    ),
  )
}

function origin(): HTMLElement {
  return el('strong', { class: 'origin' }, location.origin)
}

function mainButton(text: string, onclick: () => void): HTMLElement {
  return el('button', { id: 'pair', class: 'main', type: 'button', onclick }, text)
}

function problemOf({ problem }: Standing): Node[] {
  if (problem === undefined) return []
  const { title, text } = problemSentence(problem)
  return [notice(title.endsWith('.') ? title : `${title}.`, text)]
}

function decidedLater({ server }: Standing): Node[] {
  if (server?.admission !== 'code+approval') return []
  const text = 'It then waits until somebody who manages devices lets it in.'
  return [el('p', { class: 'soft' }, text)]
}

/** Without a secure context there is no device key, and the server gives such a browser less. */
function insecureNote(): Node[] {
  if (isSecureContext) return []
  const text =
    'This connection is not encrypted: the pairing lasts a day at most and can not manage devices.'
  return [el('p', { class: 'soft' }, text)]
}
