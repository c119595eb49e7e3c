import type {
  AccessAnswer,
  AdmissionAnswer,
  AdmissionRequest,
  ApprovalItemWire,
  CodeRequest,
  DecisionRequest,
  EventWire,
  IssuedCodeAnswer,
} from '@pair/core'
import type { Requests } from './requests.ts'
import { watchAccess, type WatchOptions } from './watch.ts'

/** Who has access, and changing that. Needs `access:read`, and `access:write` to change anything. */
export interface Access {
  /** All sessions, devices, codes, requests and the admission mode as they are now, and the cursor from which `watch` goes on. */
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
  /**
   * Lets in who asks, with `scopes` or all that was asked for. `digest` is that of the item that the person saw: what has
   * changed since is refused. While a decision on a request is under way, further ones on it get the same answer.
   *
   * @throws PairClientError `approval_changed`, `approval_decided`, `insufficient_scope`, `not_found`
   */
  approve(id: string, decision: DecisionRequest): Promise<ApprovalItemWire>
  /** Turns away who asks, until this is forgotten. As `approve`. @throws PairClientError */
  reject(id: string, decision: Omit<DecisionRequest, 'scopes'>): Promise<ApprovalItemWire>
  /** Forgets a decision: the next request of that device starts clean. @throws PairClientError `approval_pending` */
  forget(id: string): Promise<void>
  /**
   * How newcomers may enter from now on. `version` as it was read: two who change it at once don't undo each other.
   *
   * @throws PairClientError `admission_changed`
   */
  setAdmission(change: AdmissionRequest): Promise<AdmissionAnswer>
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
  const deciding = new Map<string, Promise<ApprovalItemWire>>()
  const at = (kind: string, id: string): string => `/${kind}/${encodeURIComponent(id)}`

  async function change(method: string, path: string, body?: unknown): Promise<void> {
    const response = await requests.call(method, path, { body })
    await response.body?.cancel()
  }

  function decide(id: string, verb: string, body: DecisionRequest): Promise<ApprovalItemWire> {
    const decision =
      deciding.get(id) ??
      requests
        .json<ApprovalItemWire>('digest', 'POST', `${at('approvals', id)}/${verb}`, { body })
        .finally(() => deciding.delete(id))
    deciding.set(id, decision)
    return decision
  }

  async function revoke(kind: 'codes' | 'sessions' | 'devices', id: string): Promise<void> {
    await change('DELETE', at(kind, id))
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
    narrowSession: (id, scopes) => change('PATCH', at('sessions', id), { scopes }),
    renameDevice: (id, label) => change('PATCH', at('devices', id), { label }),
    revokeOthers: () => change('POST', '/sessions/revoke-others'),
    async revokeAll() {
      await change('POST', '/sessions/revoke-all')
      await ports.signedOut()
    },
    approve: (id, decision) => decide(id, 'approve', decision),
    reject: (id, decision) => decide(id, 'reject', decision),
    forget: (id) => change('DELETE', at('approvals', id)),
    setAdmission: (body) => requests.json<AdmissionAnswer>('mode', 'PUT', '/admission', { body }),
    close() {
      for (const end of watches) end()
    },
  }
}
