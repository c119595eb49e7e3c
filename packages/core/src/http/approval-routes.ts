import type { ApprovalView } from '../approval/approval-view.ts'
import {
  actorOf,
  json,
  noContent,
  pageOf,
  READ,
  WRITE,
  taking,
  type Route,
  type Visit,
} from './route.ts'
import { AdmissionBody, DecisionBody } from './schemas.ts'
import { typed } from './oauth-typed.ts'
import { toAdmission, toApproval } from './views.ts'
import type { AdmissionRequest, DecisionRequest } from './approval-wire.ts'

/** Deciding who comes in, and how newcomers may enter. */
export const approvalRoutes: readonly Route[] = [
  { method: 'GET', path: 'approvals', handle: list },
  { method: 'POST', path: 'approvals/:id/approve', ...taking(DecisionBody, approve) },
  { method: 'POST', path: 'approvals/:id/reject', ...taking(DecisionBody, reject) },
  { method: 'DELETE', path: 'approvals/:id', handle: forget },
  { method: 'GET', path: 'admission', handle: admission },
  { method: 'PUT', path: 'admission', ...taking(AdmissionBody, setAdmission) },
]

async function list(visit: Visit): Promise<Response> {
  await visit.require(READ)
  const { items, next } = await visit.parts.approvals.list(pageOf(visit, 'apr'))
  return json({ items: items.map(toApproval), next })
}

async function approve(visit: Visit, read: () => DecisionRequest): Promise<Response> {
  const auth = await visit.require(WRITE)
  const verdict = read()
  const by = actorOf(auth, visit.facts)
  const approve = (): Promise<ApprovalView> => visit.parts.decider.approve(visit.id, verdict, by)
  // A user code is a guess here too: whoever may see the list could try them all.
  const { userCode } = verdict
  return json(
    toApproval(await (userCode === undefined ? approve() : typed(visit, userCode, approve))),
  )
}

async function reject(visit: Visit, read: () => DecisionRequest): Promise<Response> {
  const auth = await visit.require(WRITE)
  const { digest, reason } = read()
  const verdict = { digest, ...(reason === undefined ? {} : { reason }) }
  const by = actorOf(auth, visit.facts)
  return json(toApproval(await visit.parts.decider.reject(visit.id, verdict, by)))
}

async function forget(visit: Visit): Promise<Response> {
  const auth = await visit.require(WRITE)
  await visit.parts.approvals.forget(visit.id, actorOf(auth, visit.facts))
  return noContent()
}

async function admission(visit: Visit): Promise<Response> {
  await visit.require(READ)
  return json(toAdmission(await visit.parts.admission.get()))
}

async function setAdmission(visit: Visit, read: () => AdmissionRequest): Promise<Response> {
  const auth = await visit.require(WRITE)
  const { mode, ...change } = read()
  const by = actorOf(auth, visit.facts)
  return json(toAdmission(await visit.parts.admission.set(mode, change, by)))
}
