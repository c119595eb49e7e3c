import { isPairClientError } from '@pair/client'
import { confirmed } from './dialog.ts'
import { codeList, deviceList, type Deeds } from './device-list.ts'
import { el, show } from './dom.ts'
import { issuing } from './issue.ts'
import { notice, startPage, type Content, type Page } from './shell.ts'

// Who is online is no change of access, so no event tells of it.
const presenceMs = 15_000

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
      const hint = isPairClientError(error) ? error.hint : ''
      problem.replaceChildren(notice(error instanceof Error ? error.message : String(error), hint))
    }
  }
  const deeds: Deeds = { attempt, mayWrite, now: page.now }
  const issue = mayWrite ? issuing(page, attempt) : undefined

  const refresh = async (): Promise<string> => {
    const now = await access.get()
    show(list, deviceList(page.client, now.devices, deeds))
    show(codes, codeList(page.client, now.codes, deeds))
    others.hidden =
      !mayWrite || !now.devices.some((device) => device.session !== null && !device.current)
    issue?.update(now)
    return now.cursor
  }
  const revokeOthers = async (): Promise<void> => {
    const text =
      'Every device but this one is signed out at once, and needs a fresh code to come back.'
    if (await confirmed('Revoke all others?', text, 'Revoke all'))
      await attempt(() => access.revokeOthers())
  }
  others.addEventListener('click', () => void revokeOthers())

  const refreshQuietly = (): void => void refresh().catch(() => undefined)
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
      list,
      others,
      ...(issue ? [el('h2', {}, 'Pair another device'), issue.root] : []),
      el('h2', {}, 'Codes that wait'),
      codes,
    ],
    close() {
      isClosed = true
      clearInterval(timer)
      stop()
      issue?.close()
    },
  }
}
