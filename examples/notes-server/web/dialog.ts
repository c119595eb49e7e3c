import { el } from './dom.ts'

/** Asks before something is done; resolves `false` where the person thought better of it. */
export async function confirmed(question: string, text: string, action: string): Promise<boolean> {
  return (await ask([el('h2', {}, question), el('p', {}, text)], action, 'danger')) === 'yes'
}

/** Asks for a line of text; `null` where the person thought better of it. */
export async function askText(
  question: string,
  value: string,
  action: string,
): Promise<string | null> {
  const input = el('input', { id: 'answer', maxlength: '64', required: true, value })
  const answer = await ask([el('label', { for: 'answer' }, question), input], action, 'main')
  return answer === 'yes' ? input.value.trim() : null
}

/** The browser's own dialog: it keeps the focus inside, and Escape closes it. */
function ask(content: readonly Node[], action: string, kind: string): Promise<string> {
  const cancel = el('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel')
  const form = el(
    'form',
    {
      onsubmit: (event) => {
        event.preventDefault()
        dialog.close('yes')
      },
    },
    ...content,
    el('div', { class: 'row end' }, cancel, el('button', { class: kind, type: 'submit' }, action)),
  )
  const dialog = el('dialog', {}, form)
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(dialog.returnValue)
    })
  })
}
