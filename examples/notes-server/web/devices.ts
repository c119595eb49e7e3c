import { isPairClientError } from '@pair/client'
import { admissionSwitch } from './admission.ts'
import { approvals } from './approvals.ts'
import { createDeciding } from './deciding.ts'
import { confirmed } from './dialog.ts'
import { codeList, deviceList, type Deeds } from './device-list.ts'
import { el, show } from './dom.ts'
import { howToAsk, issuing } from './issue.ts'
import { problemSentence } from './sentences.ts'
import { notice, startPage, type Content, type Page } from './shell.ts'

// Who is online is no change of access, so no event tells of it.
const presenceMs = 15_000
const retryMs = 2_000

startPage('/devices', (page) => {
  const scopes = page.client.getSnapshot().session?.scopes ?? []
  return scopes.includes('access:read')
    ? devices(page, scopes.includes('access:write'))
    : notForThisDevice()
})

function notForThisDevice(): Content {
  const text =
    'This browser may use the notes, but neither see nor manage devices. Do that on the browser that paired it.'
  return { nodes: [el('h1', {}, 'Devices'), el('p', {}, text)], close: () => undefined }
}

function devices(page: Page, mayWrite: boolean): Content {
  const { access } = page.client
  const problem = el('div')
  const list = el('div', {}, el('p', { class: 'soft' }, 'One moment…'))
  const codes = el('div')
  const waitingCodes = el('section', {}, el('h2', {}, 'Codes that wait'), codes)
  const others = el(
    'button',
    { id: 'revoke-others', class: 'danger', type: 'button', hidden: true },
    'Revoke all others',
  )

  const attempt = async (deed: () => Promise<void>): Promise<void> => {
    try {
      await deed()
      problem.replaceChildren()
      await refresh()
    } catch (error) {
      const { title, text } = isPairClientError(error)
        ? problemSentence(error)
        : { title: String(error), text: '' }
      problem.replaceChildren(notice(title, text))
      problem.scrollIntoView({ block: 'nearest' })
      // what was refused may stand otherwise by now
      refreshQuietly()
    }
  }
  const deeds: Deeds = { attempt, mayWrite, now: page.now }
  const issue = mayWrite ? issuing(page, attempt) : undefined
  const deciding = createDeciding()
  const requests = approvals({
    page,
    deciding,
    attempt,
    refresh: () => refreshQuietly(),
    mayWrite,
  })
  const admission = admissionSwitch(page.client, { deciding, attempt, mayWrite })
  const another = el('div')

  let asked = 0
  let shown = 0
  const refresh = async (): Promise<string> => {
    const mine = ++asked
    const now = await access.get()
    // what was asked earlier and answered later is no news
    if (mine < shown) return now.cursor
    shown = mine
    show(list, deviceList(page.client, now.devices, deeds))
    show(codes, codeList(page.client, now.codes, deeds))
    others.hidden =
      !mayWrite || !now.devices.some((device) => device.session !== null && !device.current)
    requests.update(now)
    admission.update(now.admission)
    issue?.update(now)
    const { mode } = now.admission
    const byCode = mode === 'code' || mode === 'code+approval'
    waitingCodes.hidden = !byCode && now.codes.length === 0
    if (another.dataset['mode'] !== mode) {
      another.dataset['mode'] = mode
      show(another, byCode ? issue?.root : await howToAsk(page, mode))
    }
    return now.cursor
  }
  const revokeOthers = async (): Promise<void> => {
    const text =
      'Every device but this one is signed out at once, and has to be paired anew to come back.'
    if (await confirmed('Revoke all others?', text, 'Revoke all'))
      await attempt(() => access.revokeOthers())
  }
  others.addEventListener('click', () => void revokeOthers())

  let again: ReturnType<typeof setTimeout> | undefined
  const refreshQuietly = (): void => {
    clearTimeout(again)
    void refresh().catch(() => {
      if (!isClosed) again = setTimeout(refreshQuietly, retryMs)
    })
  }
  let stop = (): void => undefined
  let isClosed = false
  void attempt(async () => {
    const cursor = await refresh()
    if (!isClosed) stop = access.watch(refreshQuietly, refreshQuietly, { after: cursor })
  })
  const timer = setInterval(refreshQuietly, presenceMs)

  return {
    nodes: [
      el('h1', {}, 'Devices'),
      problem,
      requests.root,
      el('h2', {}, 'Paired'),
      list,
      others,
      ...(issue ? [el('h2', {}, 'Pair another device'), another] : []),
      waitingCodes,
      admission.root,
    ],
    close() {
      isClosed = true
      clearInterval(timer)
      clearTimeout(again)
      stop()
      requests.close()
      deciding.close()
      issue?.close()
    },
  }
}
