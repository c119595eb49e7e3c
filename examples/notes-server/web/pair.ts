import { createPairClient, type PairSnapshot } from '@pair/client'
import { byId, el, show } from './dom.ts'
import { isAdmissionMode } from './modes.ts'
import {
  alreadyPaired,
  asking,
  noWayIn,
  openedCode,
  openedOwner,
  ownerForm,
  typing,
} from './pair-views.ts'
import { keepTrying, serverClock } from './shell.ts'
import { waiting, type Waiting } from './waiting.ts'

const client = createPairClient()
const now = serverClock(client)
const main = byId('main')
// before start() takes it out of the address bar; a fragment may also come later, by a link pasted into this page
let cameBy = linkOf(location.href)
addEventListener('hashchange', ({ newURL }) => (cameBy = linkOf(newURL) ?? cameBy))
/** What was clicked is under way. */
let isBusy = false
/** This page asked to come in: once it may, it goes on to the notes. */
let hasAsked = false
let typed = ''
/** It was the owner's secret that was sent last, not a code. */
let byOwnerSecret = false
/** Why a way in was refused that was open when it was shown. */
let refusal: PairSnapshot['problem']
let screen: Waiting | undefined

function linkOf(address: string): 'code' | 'owner' | undefined {
  if (/[#?&]code=/.test(address)) return 'code'
  return /[#?&]owner=/.test(address) ? 'owner' : undefined
}

function run(deed: () => Promise<PairSnapshot>): void {
  if (isBusy) return
  isBusy = true
  hasAsked = true
  refusal = undefined
  setBusy()
  deed()
    // the snapshot tells why
    .catch(() => undefined)
    .finally(() => {
      isBusy = false
      render()
    })
}

const redeem = (code?: string): void => {
  byOwnerSecret = false
  typed = code ?? ''
  run(() => client.redeem(code))
}
const claim = (secret?: string): void => {
  byOwnerSecret = true
  run(() => client.claimOwner(secret))
}
const ask = (scopes: string[]): void => run(() => client.request({ scopes }))

function render(): void {
  const snapshot = client.getSnapshot()
  if (snapshot.status === 'pending') return wait(snapshot)
  if (snapshot.status === 'unknown') return show(main, el('p', { class: 'soft' }, 'One moment…'))
  if (isBusy) return setBusy()
  screen?.close()
  screen = undefined
  if (snapshot.status !== 'paired') {
    const { problem } = snapshot
    if (problem?.code.startsWith('admission_') && problem.code !== refusal?.code) {
      // how newcomers enter was changed: what to show now only the server knows
      refusal = problem
      return void client.start()
    }
    return show(main, ...wayIn(snapshot))
  }
  if (hasAsked) location.assign('/')
  else show(main, ...alreadyPaired(snapshot, cameBy))
}

/** Changed in place, so that a screen reader hears what is new and nobody loses the button under his finger. */
function wait(snapshot: PairSnapshot & { status: 'pending' }): void {
  hasAsked = true
  screen ??= waiting({
    now,
    withdraw: () => run(() => client.withdraw()),
    change: ask,
  })
  screen.update(snapshot, isBusy)
  if (screen.root.isConnected) return
  show(main, screen.root)
  // where the button was that asked
  document.getElementById('waiting')?.focus()
}

function wayIn({ linkOwner, linkCode, problem = refusal, server }: PairSnapshot): Node[] {
  const isRefused = byOwnerSecret && /^code_(invalid|malformed)$/.test(problem?.code ?? '')
  const standing = {
    problem: isRefused ? { code: 'owner_refused', message: '', hint: '' } : problem,
    server,
  }
  if (linkOwner) return openedOwner(standing, () => claim())
  if (linkCode) return openedCode(standing, () => redeem())
  const admission = server?.admission ?? 'code'
  if (admission === 'code') return typing(standing, typed, redeem)
  // who owns this server does so without a code, unless a setting has to be mended first
  const own = isSecureContext && isAdmissionMode(admission) ? [ownerForm(claim)] : []
  if (admission === 'code+approval') return [...typing(standing, typed, redeem), ...own]
  if (admission === 'approval') return [...asking(standing, ask), ...own]
  return [...noWayIn(standing), ...own]
}

function setBusy(): void {
  for (const button of main.querySelectorAll('button')) button.disabled = true
  const pressed = document.getElementById('pair')
  if (pressed) pressed.textContent = 'One moment…'
}

client.subscribe(render)
render()
keepTrying(client)
void client.start()
