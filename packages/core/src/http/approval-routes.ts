import { actorOf, json, noContent, pageOf, READ, WRITE, type Route, type Visit } from './route.ts'
import { AdmissionBody, DecisionBody, parseBody } from './schemas.ts'
import { toAdmission, toApproval } from './views.ts'

/** Deciding who comes in, and how newcomers may enter. */
export const approvalRoutes: readonly Route[] = [
  { method: 'GET', path: 'approvals', handle: list },
  { method: 'POST', path: 'approvals/:id/approve', handle: approve },
  { method: 'POST', path: 'approvals/:id/reject', handle: reject },
  { method: 'DELETE', path: 'approvals/:id', handle: forget },
  { method: 'GET', path: 'admission', handle: admission },
  { method: 'PUT', path: 'admission', handle: setAdmission },
]

async function list(visit: Visit): Promise<Response> {
  await visit.require(READ)
  const { items, next } = await visit.parts.approvals.list(pageOf(visit, 'apr'))
  return json({ items: items.map(toApproval), next })
}

async function approve(visit: Visit): Promise<Response> {
  const auth = await visit.require(WRITE)
  const verdict = parseBody(DecisionBody, visit.body)
  const by = actorOf(auth, visit.facts)
  return json(toApproval(await visit.parts.decider.approve(visit.id, verdict, by)))
}

async function reject(visit: Visit): Promise<Response> {
  const auth = await visit.require(WRITE)
  const { digest, reason } = parseBody(DecisionBody, visit.body)
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

async function setAdmission(visit: Visit): Promise<Response> {
  const auth = await visit.require(WRITE)
  const { mode, ...change } = parseBody(AdmissionBody, visit.body)
  const by = actorOf(auth, visit.facts)
  return json(toAdmission(await visit.parts.admission.set(mode, change, by)))
}
