import {
  collect,
  expire,
  redeem,
  redeemAndCollect,
  request,
  requestAndCollect,
  requestLater,
  withdraw,
} from '../deeds/newcomers.ts'
import {
  approve,
  forget,
  issue,
  logout,
  narrow,
  reject,
  renew,
  renewLater,
  revokeAll,
  revokeCode,
  revokeDevice,
  revokeOthers,
  revokeSession,
  setMode,
} from '../deeds/residents.ts'
import type { TownPlan } from '../town.ts'
import { CODE_DEEDS, HELD_DEEDS, REQUEST_DEEDS } from './deeds-of.ts'
import { crowded } from './pairs.ts'
import { approval, codes, held, scene, triplesOf, type Scene } from './scene.ts'

const less = { scopes: ['notes:read'] }
const twice: TownPlan = { ...codes, uses: 2, note: 'a code for two' }
const heldTwice: TownPlan = { ...held('pending'), uses: 2, note: 'a code for two' }

/** Anna has nearly as many live codes as she may have. */
export const CAP: Scene = scene({ ...codes, codes: 18, note: 'Anna has 19 codes' }, [
  issue('anna'),
  issue('anna'),
])

/** Three at once, where two alone can't meet all that may go wrong. */
export const TRIPLES: readonly Scene[] = [
  scene(codes, [redeem('alice'), redeem('bob'), revokeCode()]),
  scene(codes, [redeem('guest'), revokeDevice('guest'), redeem('guest', 'annas')]),
  scene(codes, [issue('anna'), revokeSession('anna'), redeem('alice', 'annas')]),
  scene(codes, [renew('guest'), revokeDevice('guest'), renew('guest')]),
  scene(codes, [renew('bearer'), revokeSession('bearer'), renew('bearer')]),
  scene(codes, [revokeOthers('otto'), redeem('alice'), revokeAll]),
  scene(codes, [redeem('alice'), setMode('otto', 'closed'), expire]),
  scene(codes, [logout('guest'), renewLater('guest'), narrow('guest')]),
  scene(twice, [redeem('alice'), redeem('bob'), redeem('dave')]),
  scene(approval('none'), [request('carol'), approve('anna'), setMode('otto', 'closed')]),
  scene(approval('none'), [requestAndCollect('carol'), approve('anna'), request('carol', less)]),
  scene(approval('none'), [requestAndCollect('carol'), approve('anna'), revokeAll]),
  scene(approval('none'), [request('carol'), request('dave'), request('erin')]),
  scene(approval('pending'), [request('dave'), request('erin'), approve('anna')]),
  scene(approval('pending'), [approve('anna'), request('carol', less), collect()]),
  scene(approval('pending'), [approve('anna'), approve('otto', ['notes:read']), collect()]),
  scene(approval('pending'), [approve('anna'), reject('otto'), collect()]),
  scene(approval('pending'), [withdraw, approve('anna'), collect()]),
  scene(approval('pending'), [expire, approve('anna'), collect()]),
  scene(approval('pending'), [reject('otto'), forget('anna'), request('carol')]),
  scene(approval('pending'), [approve('anna'), setMode('otto', 'code'), collect()]),
  scene(approval('pending'), [approve('anna'), revokeSession('anna'), collect()]),
  scene(crowded, [requestLater('erin'), approve('anna'), collect()]),
  scene(crowded, [requestLater('erin'), requestLater('frank'), withdraw]),
  scene(approval('approved'), [collect(), collect(), revokeAll]),
  scene(approval('approved'), [forget('anna'), request('carol'), collect()]),
  scene(approval('approved'), [collect(), withdraw, setMode('otto', 'closed')]),
  scene(approval('approved'), [expire, collect(), withdraw]),
  scene(approval('collected'), [request('carol'), revokeDevice('carol'), revokeAll]),
  scene(approval('collected'), [request('carol'), revokeDevice('carol'), request('carol')]),
  scene(approval('collected'), [request('carol'), forget('anna'), setMode('otto', 'closed')]),
  scene(approval('rejected'), [forget('anna'), requestAndCollect('carol'), approve('otto')]),
  scene(held('none'), [redeemAndCollect('bob'), approve('anna'), redeem('carol')]),
  scene(held('pending'), [redeem('bob'), reject('otto'), collect()]),
  scene(held('pending'), [redeem('bob'), withdraw, approve('anna')]),
  scene(held('pending'), [approve('anna'), revokeCode(), collect()]),
  scene(held('pending'), [approve('anna'), expire, redeem('bob')]),
  scene(held('approved'), [collect(), withdraw, redeem('bob')]),
  scene(held('approved'), [collect(), collect(), expire]),
  scene(held('approved'), [collect(), forget('otto'), redeem('bob')]),
  scene(held('approved'), [redeem('carol', 'code', less), collect(), approve('anna')]),
  scene(heldTwice, [redeem('bob'), redeem('dave'), reject('otto')]),
  scene(heldTwice, [redeem('bob'), withdraw, redeem('dave')]),
]

/** Every three verbs at once, for a walk that may take its time. */
export function allTriples(): Scene[] {
  return [
    ...triplesOf(codes, CODE_DEEDS),
    ...(['none', 'pending', 'approved', 'rejected', 'collected'] as const).flatMap((stage) =>
      triplesOf(approval(stage), REQUEST_DEEDS),
    ),
    ...(['none', 'pending', 'approved'] as const).flatMap((stage) =>
      triplesOf(held(stage), HELD_DEEDS),
    ),
  ]
}
