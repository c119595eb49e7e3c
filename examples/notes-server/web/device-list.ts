import type { PairClient } from '@pair/client'
import { askText, confirmed } from './dialog.ts'
import { el } from './dom.ts'
import { scopesInWords } from './sentences.ts'
import { ago } from './time.ts'

type Snapshot = Awaited<ReturnType<PairClient['access']['get']>>
type Device = Snapshot['devices'][number]
type Code = Snapshot['codes'][number]

export interface Deeds {
  /** Runs it, tells in words what failed, and shows the list anew. */
  attempt: (deed: () => Promise<void>) => Promise<void>
  mayWrite: boolean
  now: () => number
}

const kinds = { browser: 'Browser', app: 'App', agent: 'Agent' }

/** The paired devices, this one first, then those seen last. */
export function deviceList(
  client: PairClient,
  devices: readonly Device[],
  deeds: Deeds,
): HTMLElement {
  const paired = devices.filter((device) => device.session !== null)
  const order = (device: Device): string => (device.current ? '~' : device.presence.lastSeenAt)
  const sorted = paired.toSorted((a, b) => (order(a) < order(b) ? 1 : -1))
  return el(
    'ul',
    { class: 'list', id: 'devices', 'aria-label': 'Devices' },
    ...sorted.map((one) => row(client, one, deeds)),
  )
}

function row(client: PairClient, device: Device, { attempt, mayWrite, now }: Deeds): HTMLElement {
  const rename = async (): Promise<void> => {
    const label = await askText('Name of this device', device.label, 'Rename')
    if (label) await attempt(() => client.access.renameDevice(device.id, label))
  }
  const revoke = async (): Promise<void> => {
    const text = 'It is signed out at once, and has to be paired anew to come back.'
    if (await confirmed(`Revoke “${device.label}”?`, text, 'Revoke'))
      await attempt(() => client.access.revokeDevice(device.id))
  }
  const { online, lastSeenAt } = device.presence
  const seen = online ? 'Online now' : `Last seen ${ago(lastSeenAt, now())}`
  return el(
    'li',
    { 'data-device': device.id },
    el(
      'div',
      { class: 'grow' },
      el(
        'div',
        { class: 'name' },
        el('strong', {}, device.label),
        device.current && el('span', { class: 'tag' }, 'this device'),
      ),
      el(
        'div',
        { class: 'soft' },
        el('span', { class: online ? 'dot on' : 'dot' }),
        `${kinds[device.kind]} · ${seen} · paired ${ago(device.createdAt, now())}`,
      ),
      el('div', { class: 'soft' }, scopesInWords(device.session?.scopes ?? [])),
    ),
    mayWrite &&
      el(
        'div',
        { class: 'row' },
        el(
          'button',
          {
            id: `rename-${device.id}`,
            class: 'quiet',
            type: 'button',
            onclick: () => void rename(),
          },
          'Rename',
        ),
        !device.current &&
          el(
            'button',
            {
              id: `revoke-${device.id}`,
              class: 'danger',
              type: 'button',
              'aria-label': `Revoke ${device.label}`,
              onclick: () => void revoke(),
            },
            'Revoke',
          ),
      ),
  )
}

/** Codes that wait for a device. */
export function codeList(
  client: PairClient,
  codes: readonly Code[],
  { attempt, mayWrite, now }: Deeds,
): HTMLElement {
  const items = codes.map((code) => {
    const minutes = Math.max(1, Math.round((Date.parse(code.expiresAt) - now()) / 60_000))
    const left = minutes === 1 ? 'a minute' : `${minutes} minutes`
    return el(
      'li',
      {},
      el(
        'div',
        { class: 'grow' },
        el('div', {}, code.label ?? 'Code for another device'),
        el('div', { class: 'soft' }, `${scopesInWords(code.scopes)} · good for ${left}`),
        code.held > 0 &&
          el('div', { class: 'soft' }, 'Somebody brought it and waits for your decision.'),
      ),
      mayWrite &&
        el(
          'button',
          {
            id: `code-${code.id}`,
            class: 'danger',
            type: 'button',
            onclick: () => void attempt(() => client.access.revokeCode(code.id)),
          },
          'Revoke',
        ),
    )
  })
  return items.length === 0
    ? el('p', { class: 'empty' }, 'No code is waiting.')
    : el('ul', { class: 'list', id: 'codes', 'aria-label': 'Codes' }, ...items)
}
