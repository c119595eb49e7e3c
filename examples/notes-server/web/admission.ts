import type { PairClient } from '@pair/client'
import type { Deciding } from './deciding.ts'
import { confirmed } from './dialog.ts'
import { el, show } from './dom.ts'
import { admissionModes, isAdmissionMode, type AdmissionMode } from './modes.ts'

type Admission = Awaited<ReturnType<PairClient['access']['get']>>['admission']

export interface AdmissionSwitch {
  root: HTMLElement
  update(now: Admission): void
}

/** How new devices come in: which way is open now, and the switch. */
export function admissionSwitch(
  client: PairClient,
  {
    deciding,
    attempt,
    mayWrite,
  }: {
    deciding: Deciding
    attempt: (deed: () => Promise<void>) => Promise<void>
    mayWrite: boolean
  },
): AdmissionSwitch {
  const box = el('div')
  /** As it stands on the page: a change names its version. */
  let shown: Admission | undefined
  let refresh = (): void => undefined
  deciding.subscribe(() => refresh())

  const change = async (
    seen: Admission,
    mode: AdmissionMode,
    reevaluate: boolean,
  ): Promise<void> => {
    const text =
      'Devices that came in by another way than this one takes are signed out at once. This browser and the owner stay.'
    if (reevaluate && !(await confirmed('Sign out who came in otherwise?', text, 'Sign out')))
      return
    const { version } = seen
    deciding.run(() =>
      attempt(async () => void (await client.access.setAdmission({ mode, version, reevaluate }))),
    )
  }

  return {
    root: el('section', {}, el('h2', {}, 'How new devices come in'), box),
    update(now) {
      if (shown && JSON.stringify(shown) === JSON.stringify(now)) return
      shown = now
      const form = switchForm(now, mayWrite, deciding, (mode, reevaluate) => {
        void change(now, mode, reevaluate)
      })
      refresh = form.refresh
      show(box, !isAdmissionMode(now.mode) && unknownNotice(now), form.root)
    },
  }
}

/** The stored word is somebody's text: it is shown, never taken for a mode. */
function unknownNotice({ mode, stored }: Admission): HTMLElement {
  return el(
    'div',
    { class: 'notice bad', role: 'alert' },
    el('p', {}, el('strong', {}, 'Unknown: '), el('span', { class: 'mono' }, stored ?? mode)),
    el(
      'p',
      {},
      'That is no mode of this version, so nobody new comes in. Who is paired stays so. Only the operator mends it: start the server with RECOVER_ADMISSION=approval.',
    ),
  )
}

function switchForm(
  now: Admission,
  mayWrite: boolean,
  deciding: Deciding,
  onChange: (mode: AdmissionMode, reevaluate: boolean) => void,
): { root: HTMLElement; refresh: () => void } {
  const isFixed = !mayWrite || !isAdmissionMode(now.mode)
  const radios = admissionModes.map(({ mode }) =>
    el('input', {
      id: `mode-${mode}`,
      type: 'radio',
      name: 'mode',
      value: mode,
      checked: mode === now.mode,
      'aria-describedby': `about-${mode}`,
    }),
  )
  const ends = el('input', { id: 'reevaluate', type: 'checkbox', 'aria-describedby': 'about-ends' })
  const button = el('button', { id: 'set-mode', class: 'main', type: 'submit' }, 'Change')
  const picked = (): AdmissionMode | undefined =>
    radios.map(({ checked, value }) => (checked ? value : '')).find(isAdmissionMode)
  const refresh = (): void => {
    const mode = picked()
    button.disabled =
      deciding.isHeld() || mode === undefined || (mode === now.mode && !ends.checked)
  }
  const choices = admissionModes.map(({ mode, title, text }, index) =>
    el(
      'div',
      { class: 'choice' },
      radios[index],
      el(
        'div',
        {},
        el('label', { for: `mode-${mode}` }, title),
        mode === now.mode && el('span', { class: 'tag' }, 'now'),
        el('div', { class: 'soft', id: `about-${mode}` }, text),
      ),
    ),
  )
  const root = el(
    'form',
    {
      class: 'card',
      id: 'admission',
      'aria-label': 'How new devices come in',
      onchange: refresh,
      onsubmit: (event) => {
        event.preventDefault()
        const mode = picked()
        if (mode && !deciding.isHeld()) onChange(mode, ends.checked)
      },
    },
    el(
      'fieldset',
      { disabled: isFixed },
      el('legend', { class: 'unseen' }, 'Mode'),
      ...choices,
      el(
        'div',
        { class: 'choice apart' },
        ends,
        el(
          'div',
          {},
          el('label', { for: 'reevaluate' }, 'Also sign out who came in otherwise'),
          el(
            'div',
            { class: 'soft', id: 'about-ends' },
            'Ends, at once, the pairings that were made by a way which the mode above does not take.',
          ),
        ),
      ),
      mayWrite && button,
    ),
  )
  refresh()
  return { root, refresh }
}
