import { bind, issueKey, revokeKey, revokeSupport, rotateKey } from '../deeds/agents.ts'
import { approveUntyped, askAgain, poll, typeAndApprove } from '../deeds/devices.ts'
import { expire, request, withdraw } from '../deeds/newcomers.ts'
import { mint } from '../deeds/relays.ts'
import {
  approve,
  forget,
  narrow,
  reject,
  revokeAll,
  revokeSession,
  setMode,
} from '../deeds/residents.ts'
import type { TownPlan } from '../town.ts'
import type { Deed } from '../deeds/deed.ts'
import { approval, codes, pairsOf, scene, type Scene } from './scene.ts'

const agents: TownPlan = { ...codes, agents: true, note: 'agents' }
const device = (stage: 'pending' | 'approved'): TownPlan => ({
  ...approval(stage),
  device: true,
  note: 'by a device that shows a code',
})
const [shown, letIn] = [device('pending'), device('approved')]

/** Every two of these, and each of them with each of the others: those by themselves meet elsewhere. */
function pairsWith(plan: TownPlan, deeds: readonly Deed[], others: readonly Deed[]): Scene[] {
  const mixed = deeds.flatMap((one) => others.map((other) => scene(plan, [one, other])))
  return [...pairsOf(plan, deeds), ...mixed]
}

const AGENT_DEEDS = [
  bind('robot'),
  bind('robot', 'annas'),
  issueKey('anna', 'robot'),
  rotateKey('otto'),
  rotateKey('anna', 'annasKey'),
  revokeKey(),
  revokeKey('annasKey'),
]
const SHOWN_DEEDS = [typeAndApprove('anna'), approveUntyped, askAgain, poll]
const LET_IN_DEEDS = [poll, askAgain]

/** What agents, the device grant and relays add, at once with those who decide, revoke and change the mode. */
export const EXTENSION_PAIRS: Readonly<Record<string, readonly Scene[]>> = {
  'agents have keys': pairsWith(agents, AGENT_DEEDS, [
    revokeSession('anna'),
    narrow('anna'),
    revokeAll,
    revokeSupport,
    setMode('otto', 'closed'),
  ]),
  'a device shows a code': pairsWith(shown, SHOWN_DEEDS, [
    reject('otto'),
    withdraw,
    expire,
    revokeSession('anna'),
    setMode('otto', 'closed'),
  ]),
  'a device is let in': pairsWith(letIn, LET_IN_DEEDS, [
    withdraw,
    forget('otto'),
    revokeSession('anna'),
  ]),
  'a relay may authorize': pairsWith(
    codes,
    [mint],
    [revokeAll, setMode('otto', 'closed'), setMode('otto', 'approval')],
  ),
  'a relay asks a person': pairsWith(
    approval('none'),
    [mint],
    [approve('anna'), reject('otto'), request('carol'), setMode('otto', 'closed')],
  ),
}

/** Three at once. */
export const EXTENSION_TRIPLES: readonly Scene[] = [
  scene(agents, [bind('robot'), bind('droid'), revokeSupport]),
  scene(agents, [bind('robot'), bind('robot', 'annas'), issueKey('anna', 'robot')]),
  scene(agents, [rotateKey('otto'), rotateKey('anna'), revokeKey()]),
  scene(agents, [rotateKey('anna', 'annasKey'), revokeSession('anna'), revokeKey('annasKey')]),
  scene(shown, [typeAndApprove('anna'), askAgain, poll]),
  scene(shown, [typeAndApprove('anna'), reject('otto'), poll]),
  scene(letIn, [poll, poll, withdraw]),
  scene(codes, [mint, mint, setMode('otto', 'approval')]),
  scene(approval('none'), [mint, mint, approve('anna')]),
]

/** One alone, with all that can go wrong for him. */
export const EXTENSION_SOLOS: readonly Scene[] = [
  ...AGENT_DEEDS.map((deed) => scene(agents, [deed])),
  ...SHOWN_DEEDS.map((deed) => scene(shown, [deed])),
  ...LET_IN_DEEDS.map((deed) => scene(letIn, [deed])),
  scene(codes, [mint]),
  scene(approval('none'), [mint]),
]
