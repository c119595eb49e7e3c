import { createPairClient, type PairSnapshot } from '@pair/client'
import { byId, el, show } from './dom.ts'
import { refusalSentence, standingSentence } from './sentences.ts'
import { keepTrying, notice } from './shell.ts'

const client = createPairClient()
const main = byId('main')
// before start() takes it out of the address bar; a fragment may also come later, by a link pasted into this page
let cameByLink = /[#?&]code=/.test(location.href)
addEventListener('hashchange', () => (cameByLink = true))
let isLeaving = false
let typed = ''

const pair = (code?: string): void => {
  isLeaving = true
  client.redeem(code).then(
    () => location.assign('/'),
    () => {
      // the snapshot tells why
      isLeaving = false
      render()
    },
  )
}

function render(): void {
  const snapshot = client.getSnapshot()
  if (snapshot.status === 'unknown') show(main, el('p', { class: 'soft' }, 'One moment…'))
  else if (isLeaving) setBusy()
  else if (snapshot.status === 'paired') show(main, ...alreadyPaired(snapshot))
  else show(main, ...(snapshot.linkCode ? consent(snapshot) : typing(snapshot)))
}

/** One click, on a page that names the server: a link alone must not sign anyone in. */
function consent(snapshot: PairSnapshot): Node[] {
  return [
    el('h1', {}, 'Pair this browser?'),
    ...problemOf(snapshot),
    el('p', {}, 'You opened a pairing link of this server:'),
    el('strong', { class: 'origin' }, location.origin),
    el(
      'p',
      {},
      'Once paired, this browser may use it until it is signed out. If you did not expect this, close this page.',
    ),
    ...insecureNote(),
    el(
      'p',
      {},
      el(
        'button',
        { id: 'pair', class: 'main', type: 'button', onclick: () => pair() },
        'Pair this browser',
      ),
    ),
  ]
}

function typing(snapshot: PairSnapshot): Node[] {
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
    typed = input.value
    pair(typed)
  }
  queueMicrotask(() => input.focus())
  return [
    el('h1', {}, 'Pair this browser'),
    ...problemOf(snapshot),
    el('p', {}, 'It will be paired with this server:'),
    el('strong', { class: 'origin' }, location.origin),
    el(
      'form',
      { onsubmit: submit },
      el('label', { for: 'code' }, 'Code'),
      input,
      el(
        'p',
        { id: 'code-help', class: 'soft' },
        'The server printed it when it started, or a paired device shows it on its page “Devices”. Small letters are fine, and so is a whole link.',
      ),
      ...insecureNote(),
      el('button', { id: 'pair', class: 'main', type: 'submit' }, 'Pair this browser'),
    ),
  ]
}

function alreadyPaired(snapshot: PairSnapshot): Node[] {
  return [
    el('h1', {}, 'This browser is paired'),
    el(
      'p',
      {},
      'The server knows it as ',
      el('strong', {}, snapshot.session?.device.label ?? 'this browser'),
      '.',
    ),
    cameByLink &&
      el(
        'p',
        { role: 'status' },
        'The code of your link was not used: it is still good for another device.',
      ),
    el('p', {}, el('a', { class: 'button', href: '/' }, 'Go to the notes')),
  ].filter((node) => node !== false)
}

function problemOf({ status, problem }: PairSnapshot): Node[] {
  if (problem === undefined) return []
  const isStanding = status === 'blocked' || problem.code.startsWith('session_')
  const { title, text } = isStanding
    ? standingSentence(client.getSnapshot())
    : refusalSentence(problem)
  return [notice(title.endsWith('.') ? title : `${title}.`, text)]
}

/** Without a secure context there is no device key, and the server gives such a browser less. */
function insecureNote(): Node[] {
  if (isSecureContext) return []
  const text =
    'This connection is not encrypted: the pairing lasts a day at most and can not manage devices.'
  return [el('p', { class: 'soft' }, text)]
}

function setBusy(): void {
  const button = document.getElementById('pair')
  button?.setAttribute('disabled', '')
  if (button) button.textContent = 'Pairing…'
}

client.subscribe(render)
render()
keepTrying(client)
void client.start()
