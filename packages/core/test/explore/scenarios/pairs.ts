import {
  collect,
  expire,
  redeem,
  redeemAndUse,
  redeemByName,
  redeemTwice,
  redeemUnknown,
  requestLater,
  withdraw,
} from '../deeds/newcomers.ts'
import {
  approve,
  issue,
  narrow,
  reject,
  revokeAll,
  revokeCode,
  revokeDevice,
  revokeSession,
  setMode,
} from '../deeds/residents.ts'
import type { TownPlan } from '../town.ts'
import { CODE_DEEDS, HELD_DEEDS, REQUEST_DEEDS } from './deeds-of.ts'
import { approval, codes, held, pairsOf, scene, type Scene } from './scene.ts'

/** Carol waits, and somebody else of her network. */
export const crowded: TownPlan = { ...approval('pending'), waiting: ['dave'], note: 'dave too' }
/** A code that two may redeem. */
const forTwo: TownPlan = { ...codes, uses: 2, note: 'for two' }
/** What Carol holds is of Anna. */
const byAnna = (stage: 'pending' | 'approved'): TownPlan => ({
  ...held(stage),
  holding: 'annas',
  note: "holds Anna's code",
})
const [asked, agreed] = [byAnna('pending'), byAnna('approved')]

type Group = Readonly<Record<string, readonly Scene[]>>

/** Every two verbs at once, from every place where a request can be. */
export const REQUEST_PAIRS: Group = {
  'nobody asked': pairsOf(approval('none'), REQUEST_DEEDS),
  'a request waits': pairsOf(approval('pending'), REQUEST_DEEDS),
  'a request is approved': pairsOf(approval('approved'), REQUEST_DEEDS),
  'a request is rejected': pairsOf(approval('rejected'), REQUEST_DEEDS),
  'a request is collected': pairsOf(approval('collected'), REQUEST_DEEDS),
  'the queue is full': pairsOf(crowded, [
    requestLater('erin'),
    requestLater('frank'),
    approve('anna'),
    collect(),
    withdraw,
    expire,
  ]),
}

export const CODE_PAIRS: Group = {
  'codes alone': pairsOf(codes, CODE_DEEDS),
  'an answer is lost': [
    scene(codes, [redeem('alice'), redeemAndUse('alice')]),
    scene(codes, [redeemTwice('alice'), redeem('bob')]),
    scene(codes, [redeemTwice('alice'), revokeAll]),
    scene(codes, [redeemTwice('guest', 'annas'), revokeDevice('guest')]),
    scene(codes, [redeemTwice('guest', 'annas'), revokeSession('anna')]),
    scene(codes, [redeemUnknown]),
    scene(forTwo, [redeemTwice('alice')]),
    scene(forTwo, [redeemTwice('alice'), revokeCode()]),
    scene(forTwo, [redeemTwice('alice'), redeemByName]),
    scene(forTwo, [redeemByName, redeemByName]),
  ],
  'codes of two issuers': [scene(codes, [issue('anna'), issue('guest')])],
  'nobody holds a code': pairsOf(held('none'), HELD_DEEDS),
  'a code is held': pairsOf(held('pending'), HELD_DEEDS),
  'a held code is approved': pairsOf(held('approved'), HELD_DEEDS),
  "a code of somebody's is held": [
    ...pairsOf(asked, [approve('otto'), reject('otto'), revokeSession('anna'), narrow('anna')]),
    ...pairsOf(agreed, [collect(), revokeSession('anna'), narrow('anna'), revokeCode('annas')]),
  ],
  "a held code's key changes": [
    ...pairsOf(held('collected'), [redeem('carol', 'annas'), revokeDevice('carol'), collect()]),
    scene(held('pending'), [setMode('otto', 'code'), redeem('carol', 'annas')]),
  ],
}
