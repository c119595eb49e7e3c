import { isPairClientError, type ApprovalItemWire, type PairClient } from '@pair/client'
import { approvalCard, type Verdict } from './approval-card.ts'
import { createDeciding } from './deciding.ts'
import { el, show, type Child } from './dom.ts'
import { problemSentence, type Problem, type Sentence } from './sentences.ts'
import { notice, startPage, type Content, type Page } from './shell.ts'

// What the address of this page carries is not looked at: a code that comes by a link is typed by nobody.
startPage('/device', (page) =>
  page.client.getSnapshot().session?.scopes.includes('access:write') === true
    ? deviceCodes(page)
    : notForThisDevice(),
)

function notForThisDevice(): Content {
  const text = 'This browser may not let others in. Do that on one that manages devices.'
  return { nodes: [heading(), el('p', {}, text)], close: () => undefined }
}

function heading(): HTMLElement {
  return el('h1', {}, 'A device without a browser')
}

/** Typing the code that a device shows, and deciding what it asks. */
function deviceCodes(page: Page): Content {
  const { access } = page.client
  const root = el('div')
  const deciding = createDeciding()
  let timer: ReturnType<typeof setInterval> | undefined
  let isAsking = false

  const turn = (...nodes: readonly Child[]): void => {
    clearInterval(timer)
    show(root, heading(), ...nodes)
  }

  const look = (typed: string): void => {
    if (isAsking) return
    isAsking = true
    lookUp(page.client, typed)
      .then((item) => decide(item, typed))
      .catch((error: unknown) => type(typed, sentenceOf(error)))
      .finally(() => (isAsking = false))
  }

  const type = (typed = '', problem?: Sentence): void => {
    const input = el('input', {
      id: 'user-code',
      class: 'code',
      required: true,
      autocomplete: 'off',
      autocapitalize: 'characters',
      spellcheck: 'false',
      enterkeyhint: 'go',
      placeholder: 'XXX-XXX-XXX',
    })
    input.value = typed
    const submit = (event: Event): void => {
      event.preventDefault()
      look(input.value)
    }
    turn(
      problem && notice(problem.title, problem.text),
      el(
        'p',
        {},
        'A program that you started shows a code. Type it here to see what it asks for. Never type one that somebody sent you.',
      ),
      el(
        'form',
        { onsubmit: submit },
        el('label', { for: input.id }, 'Code that the device shows'),
        input,
        el('button', { class: 'main', type: 'submit' }, 'See what it asks for'),
      ),
    )
    input.focus()
  }

  const decide = (item: ApprovalItemWire, userCode: string): void => {
    const settled = (deed: () => Promise<unknown>, title: string, text: string): void =>
      deciding.run(async () => {
        try {
          await deed()
        } catch (error) {
          return type('', sentenceOf(error))
        }
        done(title, text)
      })
    const { label } = item
    const card = approvalCard(item, {
      deciding,
      held: page.client.getSnapshot().session?.scopes ?? [],
      mayWrite: true,
      now: page.now,
      codes: [],
      hasChanged: false,
      userCode,
      approve: (verdict: Verdict) =>
        settled(
          () => access.approve(item.id, verdict),
          `${label} is let in.`,
          'It goes on by itself within a few seconds.',
        ),
      reject: (verdict: Verdict) =>
        settled(
          () => access.reject(item.id, verdict),
          `${label} was turned away.`,
          'Nothing was given to it.',
        ),
    })
    turn(el('ul', { class: 'list', 'aria-label': 'What the device asks for' }, card.root))
    deciding.subscribe(card.refresh)
    deciding.settle()
    timer = setInterval(() => {
      if (!card.tick()) type('', { title: 'Nobody decided in time.', text: 'Start again there.' })
    }, 1_000)
  }

  const done = (title: string, text: string): void => {
    const another = el('button', { type: 'button', onclick: () => type() }, 'Type another code')
    turn(el('p', { role: 'status' }, el('strong', {}, title), ' ', text), another)
    another.focus()
  }

  queueMicrotask(() => type())
  return {
    nodes: [root],
    close() {
      clearInterval(timer)
      deciding.close()
    },
  }
}

/** What the device asks that shows this code. Throws what the server says against it. */
async function lookUp(client: PairClient, userCode: string): Promise<ApprovalItemWire> {
  const answer = await client.fetch('/auth/device', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userCode }),
  })
  const body: unknown = await answer.json()
  if (answer.ok) return body as ApprovalItemWire
  const { code, detail, hint, retryAfter } = body as Problem & { detail: string }
  throw Object.assign(new Error(detail), { code, hint, retryAfter })
}

function sentenceOf(error: unknown): Sentence {
  if (isPairClientError(error)) return problemSentence(error)
  if (!(error instanceof Error)) return { title: String(error), text: '' }
  if (!('code' in error)) return { title: 'That did not work.', text: error.message }
  if (error.code === 'code_invalid')
    return {
      title: 'No device shows this code.',
      text: 'It was mistyped, has run out, or was decided already.',
    }
  if (error.code === 'code_malformed')
    return {
      title: 'That is not the code of a device.',
      text: 'It has letters and digits in groups of three, and never 0, O, 1, I or L.',
    }
  return problemSentence(error as Error & Problem)
}
