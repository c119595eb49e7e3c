import type { AccessAnswer, CodeRequest, EventWire, IssuedCodeAnswer } from '@pair/core'
import type { Requests } from './requests.ts'
import { watchAccess, type WatchOptions } from './watch.ts'

/** Who has access, and changing that. Needs `access:read`, and `access:write` to change anything. */
export interface Access {
  /** All sessions, devices and codes as they are now, and the cursor from which `watch` goes on. */
  get(): Promise<AccessAnswer>
  /**
   * Hears each change, over lost connections, until the returned function is called. `onReset`: changes may have been
   * missed, so read `get()` again.
   *
   * @example
   * const { cursor } = await client.access.get()
   * const stop = client.access.watch(refresh, refresh, { after: cursor })
   */
  watch(
    onChange: (event: EventWire) => void,
    onReset?: () => void,
    options?: WatchOptions,
  ): () => void
  /** A code for another device. The answer is the only place that holds its secrets. */
  issueCode(request?: CodeRequest): Promise<IssuedCodeAnswer>
  revokeCode(id: string): Promise<void>
  revokeSession(id: string): Promise<void>
  /** Leaves a session these scopes only. */
  narrowSession(id: string, scopes: readonly string[]): Promise<void>
  /** Ends all sessions but this one. */
  revokeOthers(): Promise<void>
  /** Ends all sessions, this one too. */
  revokeAll(): Promise<void>
  renameDevice(id: string, label: string): Promise<void>
  /** Ends the session of a device and all that hangs on it. */
  revokeDevice(id: string): Promise<void>
}

export interface AccessPorts {
  requests: Requests
  /** The ids of this session and this device. */
  own(): readonly (string | undefined)[]
  signedOut(): Promise<void>
}

export function createAccess(ports: AccessPorts): Access & { close(): void } {
  const { requests } = ports
  const watches = new Set<() => void>()

  async function change(method: string, path: string, body?: unknown): Promise<void> {
    const response = await requests.call(method, path, { body })
    await response.body?.cancel()
  }

  async function revoke(kind: 'codes' | 'sessions' | 'devices', id: string): Promise<void> {
    await change('DELETE', `/${kind}/${encodeURIComponent(id)}`)
    if (ports.own().includes(id)) await ports.signedOut()
  }

  return {
    get: () => requests.json<AccessAnswer>('cursor', 'GET', '/access'),
    watch(onChange, onReset, options) {
      const end = watchAccess(requests, onChange, onReset, options)
      watches.add(end)
      return () => {
        watches.delete(end)
        end()
      }
    },
    issueCode: (body = {}) => requests.json<IssuedCodeAnswer>('link', 'POST', '/codes', { body }),
    revokeCode: (id) => revoke('codes', id),
    revokeSession: (id) => revoke('sessions', id),
    revokeDevice: (id) => revoke('devices', id),
    narrowSession: (id, scopes) =>
      change('PATCH', `/sessions/${encodeURIComponent(id)}`, { scopes }),
    renameDevice: (id, label) => change('PATCH', `/devices/${encodeURIComponent(id)}`, { label }),
    revokeOthers: () => change('POST', '/sessions/revoke-others'),
    async revokeAll() {
      await change('POST', '/sessions/revoke-all')
      await ports.signedOut()
    },
    close() {
      for (const end of watches) end()
    },
  }
}
