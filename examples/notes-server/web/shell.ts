import { createPairClient, type PairClient, type PairSnapshot } from '@pair/client'
import { byId, el, show } from './dom.ts'
import { standingSentence } from './sentences.ts'

/** The part of a page that only a paired browser sees. */
export interface Content {
  nodes: readonly Node[]
  /** Stops sockets, streams and clocks. */
  close(): void
}

export interface Page {
  client: PairClient
  /** The present instant by the clock of the server. Milliseconds. */
  now: () => number
}

const retryMs = 3_000

/** Runs a page: its content while this browser is paired, and in words why not when it isn't. */
export function startPage(path: string, open: (page: Page) => Content): void {
  const client = createPairClient()
  const main = byId('main')
  let content: Content | undefined
  let loggedOut = false
  const page: Page = { client, now: serverClock(client) }

  const logOut = (): void => {
    loggedOut = true
    client.logout().catch((error: unknown) => {
      loggedOut = false
      main.prepend(
        notice('You are still signed in', error instanceof Error ? error.message : String(error)),
      )
    })
  }

  const render = (): void => {
    const snapshot = client.getSnapshot()
    renderNav(path, snapshot, logOut)
    if (snapshot.session) {
      loggedOut = false
      if (content) return
      content = open(page)
      return show(main, ...content.nodes)
    }
    content?.close()
    content = undefined
    show(main, ...standing(snapshot, loggedOut))
  }

  client.subscribe(render)
  render()
  keepTrying(client)
  void client.start()
}

/** A box with a title and a sentence that screen readers read out. */
export function notice(title: string, text: string): HTMLElement {
  return el(
    'div',
    { class: 'notice bad', role: 'alert' },
    el('p', {}, el('strong', {}, title), ' ', text),
  )
}

function standing(snapshot: PairSnapshot, loggedOut: boolean): Node[] {
  const { title, text } = standingSentence(snapshot)
  if (snapshot.status === 'unknown') return [el('p', { class: 'soft' }, title)]
  const isOver = loggedOut && snapshot.status === 'unpaired'
  return [
    el('h1', {}, isOver ? 'You are logged out' : title.replace(/\.$/, '')),
    el('p', { role: 'status' }, isOver ? 'This browser is not paired any more.' : text),
    ...(snapshot.status === 'offline'
      ? []
      : [
          el(
            'p',
            {},
            el(
              'a',
              { href: '/pair', class: 'button' },
              snapshot.status === 'pending' ? 'See the request' : 'Pair this browser',
            ),
          ),
        ]),
  ]
}

function renderNav(path: string, snapshot: PairSnapshot, logOut: () => void): void {
  const link = (href: string, text: string): HTMLElement =>
    el('a', { href, 'aria-current': href === path ? 'page' : undefined }, text)
  const links = [link('/', 'Notes'), link('/devices', 'Devices')]
  show(
    byId('nav'),
    ...(snapshot.session
      ? [
          ...links,
          el(
            'button',
            { id: 'logout', class: 'quiet', type: 'button', onclick: logOut },
            'Log out',
          ),
        ]
      : []),
  )
}

/** The present instant by the clock of the server, as far as it told. Milliseconds. */
export function serverClock(client: PairClient): () => number {
  let aheadMs: number | undefined
  const now = (): number => {
    const time = client.getSnapshot().server?.time
    // measured when it comes, not when it is asked for
    if (time !== undefined) aheadMs ??= Date.parse(time) - Date.now()
    return Date.now() + (aheadMs ?? 0)
  }
  client.subscribe(now)
  return now
}

/** A server that was away comes back without telling anyone. */
export function keepTrying(client: PairClient): void {
  setInterval(() => {
    if (client.getSnapshot().status === 'offline') void client.start()
  }, retryMs)
}
