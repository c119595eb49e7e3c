import { collect, expire, redeem, request, withdraw } from '../deeds/newcomers.ts'
import {
  renew,
  revokeAll,
  revokeCode,
  revokeDevice,
  revokeSession,
  setMode,
} from '../deeds/residents.ts'
import { approval, codes, held, pairsOf, type Scene } from './scene.ts'

/** Pairs whose every order can be walked in a moment: nobody of these lists what is there. */
export const CROSS_PAIRS: Readonly<Record<string, readonly Scene[]>> = {
  'codes alone': pairsOf(codes, [
    redeem('alice'),
    redeem('bob'),
    renew('guest'),
    revokeCode(),
    revokeDevice('guest'),
    revokeSession('bearer'),
    revokeAll,
  ]),
  'a request is approved': pairsOf(approval('approved'), [
    request('carol'),
    request('dave'),
    collect(),
    withdraw,
    revokeAll,
    setMode('otto', 'closed'),
  ]),
  'a held code is approved': pairsOf(held('approved'), [
    redeem('bob'),
    collect(),
    withdraw,
    revokeCode(),
  ]),
  'a request runs out': pairsOf(approval('pending'), [expire, withdraw]),
}
