import type { SessionLife } from '../session/session.ts'
import { SECOND } from '../time.ts'
import {
  actorOf,
  json,
  noContent,
  PAGE,
  pageOf,
  READ,
  taking,
  WRITE,
  type Route,
  type Visit,
} from './route.ts'
import { IssueBody, NarrowBody, RenameBody } from './schemas.ts'
import { toAdmission, toApproval, toCode, toDeviceItem, toIssued, toSessionItem } from './views.ts'
import type { AccessAnswer, CodeRequest, SessionLifeRequest } from './wire.ts'

/** Codes, sessions and devices, for who may read or change who has access. */
export const accessRoutes: readonly Route[] = [
  { method: 'GET', path: 'access', handle: snapshot },
  { method: 'GET', path: 'codes', handle: listCodes },
  { method: 'POST', path: 'codes', ...taking(IssueBody, issueCode) },
  {
    method: 'DELETE',
    path: 'codes/:id',
    handle: (visit) => change(visit, (by) => visit.parts.codes.revoke(visit.id, by)),
  },
  { method: 'GET', path: 'sessions', handle: listSessions },
  { method: 'PATCH', path: 'sessions/:id', ...taking(NarrowBody, narrowSession) },
  {
    method: 'DELETE',
    path: 'sessions/:id',
    handle: (visit) => change(visit, (by) => visit.parts.sessions.revoke(visit.id, by)),
  },
  { method: 'POST', path: 'sessions/revoke-others', handle: revokeOthers },
  {
    method: 'POST',
    path: 'sessions/revoke-all',
    handle: (visit) => change(visit, (by) => visit.parts.sessions.revokeAll(by)),
  },
  { method: 'GET', path: 'devices', handle: listDevices },
  { method: 'PATCH', path: 'devices/:id', ...taking(RenameBody, renameDevice) },
  {
    method: 'DELETE',
    path: 'devices/:id',
    handle: (visit) => change(visit, (by) => visit.parts.devices.revoke(visit.id, by)),
  },
]

/** Runs a change in the name of the session that asks. */
async function change(
  visit: Visit,
  make: (by: ReturnType<typeof actorOf>) => Promise<void>,
): Promise<Response> {
  const auth = await visit.require(WRITE)
  await make(actorOf(auth, visit.facts))
  return noContent()
}

async function listCodes(visit: Visit): Promise<Response> {
  await visit.require(READ)
  const { items, next } = await visit.parts.codes.list(pageOf(visit, 'cod'))
  return json({ items: items.map(toCode), next })
}

async function listSessions(visit: Visit): Promise<Response> {
  const { session } = await visit.require(READ)
  const { items, next } = await visit.parts.sessions.list(pageOf(visit, 'ses'))
  return json({ items: items.map((item) => toSessionItem(item, session.id)), next })
}

async function listDevices(visit: Visit): Promise<Response> {
  const { session } = await visit.require(READ)
  const { items, next } = await visit.parts.devices.list(pageOf(visit, 'dev'))
  return json({ items: items.map((item) => toDeviceItem(item, session.device.id)), next })
}

async function issueCode(visit: Visit, read: () => CodeRequest): Promise<Response> {
  const auth = await visit.require(WRITE)
  const { expiresInSeconds, session, ...request } = read()
  const issued = await visit.parts.codes.issue(
    {
      ...request,
      ...(expiresInSeconds === undefined ? {} : { expiresInMs: expiresInSeconds * SECOND }),
      ...(session === undefined ? {} : { session: toLife(session) }),
      origin: visit.facts.linkBase,
    },
    actorOf(auth, visit.facts),
  )
  return json(toIssued(issued), {}, 201)
}

function toLife({ slidingSeconds, absoluteSeconds }: SessionLifeRequest): Partial<SessionLife> {
  const toMs = (seconds: number | null): number | null => seconds && seconds * SECOND
  return {
    ...(slidingSeconds === undefined ? {} : { slidingMs: toMs(slidingSeconds) }),
    ...(absoluteSeconds === undefined ? {} : { absoluteMs: toMs(absoluteSeconds) }),
  }
}

async function narrowSession(visit: Visit, read: () => { scopes: string[] }): Promise<Response> {
  const { scopes } = read()
  return change(visit, (by) => visit.parts.sessions.narrow(visit.id, scopes, by))
}

async function renameDevice(visit: Visit, read: () => { label: string }): Promise<Response> {
  const { label } = read()
  return change(visit, (by) => visit.parts.devices.rename(visit.id, label, by))
}

async function revokeOthers(visit: Visit): Promise<Response> {
  const auth = await visit.require(WRITE)
  await visit.parts.sessions.revokeOthers(auth.session.id, actorOf(auth, visit.facts))
  return noContent()
}

/** Cursor first, lists after: what changes in between is told by the stream once more, and nothing is missed. */
async function snapshot(visit: Visit): Promise<Response> {
  const { session } = await visit.require(READ)
  const { journal, sessions, devices, codes, approvals, admission } = visit.parts
  const cursor = await journal.now()
  const [allSessions, allDevices, allCodes, allApprovals, mode] = await Promise.all([
    everything((after) => sessions.list(page(after))),
    everything((after) => devices.list(page(after))),
    everything((after) => codes.list(page(after))),
    everything((after) => approvals.list(page(after))),
    admission.get(),
  ])
  const answer: AccessAnswer = {
    cursor,
    sessions: allSessions.map((item) => toSessionItem(item, session.id)),
    devices: allDevices.map((item) => toDeviceItem(item, session.device.id)),
    codes: allCodes.map(toCode),
    approvals: allApprovals.map(toApproval),
    admission: toAdmission(mode),
  }
  return json(answer)
}

function page(after: string | null): { after?: string; limit: number } {
  return after === null ? { limit: PAGE } : { after, limit: PAGE }
}

async function everything<T>(
  list: (after: string | null) => Promise<{ items: T[]; next: string | null }>,
): Promise<T[]> {
  const all: T[] = []
  let after: string | null = null
  do {
    const { items, next }: { items: T[]; next: string | null } = await list(after)
    all.push(...items)
    after = next
  } while (after !== null)
  return all
}
