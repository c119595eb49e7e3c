import type { Deed } from '../deeds/deed.ts'
import {
  collect,
  expire,
  redeem,
  redeemAndCollect,
  request,
  requestAndCollect,
  requestWithoutKey,
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

const less = { scopes: ['notes:read'] }

/** Every verb that there is where codes alone let in. */
export const CODE_DEEDS: readonly Deed[] = [
  redeem('alice'),
  redeem('bob'),
  redeem('guest', 'annas'),
  issue('anna'),
  revokeCode(),
  revokeCode('annas'),
  revokeSession('anna'),
  revokeSession('bearer'),
  revokeDevice('guest'),
  logout('guest'),
  renew('guest'),
  renew('bearer'),
  renewLater('guest'),
  narrow('guest'),
  narrow('anna'),
  revokeAll,
  revokeOthers('otto'),
  expire,
  setMode('otto', 'closed'),
  setMode('otto', 'approval', true),
]

/** Every verb about a request, wherever it stands. */
export const REQUEST_DEEDS: readonly Deed[] = [
  request('carol'),
  request('carol', less),
  requestAndCollect('carol'),
  requestWithoutKey,
  request('dave'),
  request('guest'),
  approve('anna'),
  approve('otto', ['notes:read']),
  reject('otto'),
  forget('anna'),
  collect(),
  collect('dave'),
  withdraw,
  expire,
  revokeSession('anna'),
  narrow('anna'),
  revokeDevice('carol'),
  revokeAll,
  setMode('otto', 'closed'),
  setMode('otto', 'code+approval', true),
]

/** The same where a code is needed too. */
export const HELD_DEEDS: readonly Deed[] = [
  redeem('carol'),
  redeem('carol', 'code', less),
  redeem('bob'),
  redeemAndCollect('bob'),
  approve('anna'),
  reject('otto'),
  forget('otto'),
  collect(),
  withdraw,
  expire,
  revokeCode(),
  revokeSession('anna'),
  revokeAll,
  setMode('otto', 'code'),
  setMode('otto', 'approval', true),
]
