import { describe, expect, test } from 'vitest'
import type { Approval, Wish } from '../../src/approval/approval.ts'
import type { Opened } from '../../src/approval/opening-records.ts'
import { drawOpening } from '../../src/approval/opening.ts'
import { QUEUE_CAP, SHARED, type Place } from '../../src/approval/queue.ts'
import { FIRST_EPOCH } from '../../src/revocation/epoch.ts'
import type { Change } from '../../src/storage/space.ts'
import { MINUTE } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { expiredOf, pendingOf, rejectedOf, withdrawnOf, WISH } from '../kit/requests.ts'
import { openServiceDesk, toldOf, writtenOf, type ServiceDesk } from './service-desk.ts'

const HOME = '192.0.2.7'
const HALF = 5 * MINUTE

const nameOf = (n: number): `apr_${string}` => `apr_${n}`
const keyOf = (n: number): string => `${n}_`.padEnd(43, 'k')
const termsOf = (n: number) => ({ id: nameOf(n), thumbprint: keyOf(n), epoch: FIRST_EPOCH })

function placeOf(n: number, over: Partial<Place> = {}): Place {
  return {
    id: nameOf(n),
    thumbprint: keyOf(n),
    network: HOME,
    holdsCode: false,
    since: NOON,
    expiresAt: NOON + 10 * MINUTE,
    ...over,
  }
}

/** A store with these requests, and a queue with these places. */
async function deskOf(approvals: Approval[], places: Place[] = []): Promise<ServiceDesk> {
  const desk = openServiceDesk()
  const { records } = desk
  await desk.put(
    ...approvals.flatMap((each) => [records.approvals.put(each), ...records.approvals.point(each)]),
    ...(places.length > 0 ? [records.approvals.putQueue({ places })] : []),
  )
  return desk
}

/** Somebody with the key of that number asks. */
async function ask(
  { records, ports }: ServiceDesk,
  n: number,
  now: number,
  { network = HOME, ...wanted }: Partial<Wish> & { network?: string } = {},
): Promise<Opened> {
  const wish = { ...WISH, thumbprint: keyOf(n), ...wanted }
  const found = await records.pairings.acquaintance(wish.thumbprint)
  const drawn = drawOpening(true, ports.random)
  const actor = { kind: 'newcomer' } as const
  const input = { wish, network, epoch: FIRST_EPOCH, found, drawn, actor }
  return records.openings.open(input, ports.settings.approval, now)
}

function changeOf(opened: Opened): Change {
  if (!opened.ok) throw new Error(opened.refusal)
  return opened.change
}
const placesOf = (change: Change): Place[] =>
  (writtenOf(change, 'approval-queue') as { places: Place[] }).places
const typesOf = (change: Change): unknown[] =>
  toldOf(change).map((event) => (event as { type: unknown }).type)

describe('as long as there is room', () => {
  test('nobody looks who still waits: a place lasts until its time is over', async () => {
    const desk = await deskOf([rejectedOf(termsOf(1))], [placeOf(1)])
    const names = async (now: number): Promise<string[]> =>
      placesOf(changeOf(await ask(desk, 2, now, { network: '192.0.2.8' }))).map(({ id }) => id)
    expect(await names(NOON + 10 * MINUTE - 1)).toEqual(['apr_1', expect.any(String)])
    expect(await names(NOON + 10 * MINUTE)).toHaveLength(1)
  })

  test('a changed request keeps its own place, and where that is lost has one from now on', async () => {
    const now = NOON + MINUTE
    const both = [placeOf(1), placeOf(2, { since: NOON + 1_000 })]
    for (const [places, since] of [
      [both, NOON + 1_000],
      [[placeOf(1)], now],
      [[], now],
    ] as const) {
      const desk = await deskOf([pendingOf(termsOf(1)), pendingOf(termsOf(2))], [...places])
      const change = changeOf(await ask(desk, 2, now, { label: 'Another name' }))
      expect(placesOf(change).find(({ id }) => id === 'apr_2')).toMatchObject({ since })
    }
  })
})

describe('where there seems to be no room', () => {
  const second = pendingOf(termsOf(2))
  const both = [placeOf(1), placeOf(2, { since: NOON + 1_000 })]

  test('who was forgotten, has run out or is of an age that was ended leaves his place', async () => {
    for (const first of [
      [],
      [expiredOf(termsOf(1))],
      [pendingOf({ ...termsOf(1), epoch: 'epo_before' })],
    ]) {
      const desk = await deskOf([...first, second], both)
      const change = changeOf(await ask(desk, 3, NOON + 2_000))
      expect(placesOf(change).map(({ id }) => id)).toEqual(['apr_2', expect.any(String)])
      expect(typesOf(change)).toEqual(['approval.requested'])
    }
  })

  test('who took his back holds his place from the moment that he got it, for half his time', async () => {
    const desk = await deskOf([withdrawnOf(termsOf(1)), second], both)
    for (const now of [NOON, NOON + HALF - 1]) expect((await ask(desk, 3, now)).ok).toBe(false)
    for (const now of [NOON - 1, NOON + HALF]) expect((await ask(desk, 3, now)).ok).toBe(true)
  })

  test('where the clock was put back a place of later that was given up displaces nobody', async () => {
    const later = [placeOf(1), placeOf(2, { since: NOON + HALF + MINUTE })]
    const desk = await deskOf([pendingOf(termsOf(1)), withdrawnOf(termsOf(2))], later)
    const change = changeOf(await ask(desk, 3, NOON + HALF))
    expect(placesOf(change).map(({ id }) => id)).toEqual(['apr_1', expect.any(String)])
    expect(typesOf(change)).toEqual(['approval.requested'])
  })

  test('who took his back makes way for the holder of a code, and nobody is told of him again', async () => {
    const crowd = Array.from({ length: QUEUE_CAP }, (_, at) => at + 1)
    const desk = await deskOf(
      crowd.map((n) => withdrawnOf(termsOf(n))),
      crowd.map((n) => placeOf(n, { network: `198.51.100.${n >> 1}`, since: NOON + n })),
    )
    const change = changeOf(await ask(desk, 99, NOON + MINUTE, { codeId: 'cod_one' }))
    expect(placesOf(change)).toHaveLength(QUEUE_CAP)
    expect(typesOf(change)).toEqual(['approval.requested'])
    expect(change.writes.filter(({ key }) => key[0] === 'approval')).toHaveLength(1)
  })
})

test('APP-09 where many share a network a code still cools down for who holds it', async () => {
  const desk = await deskOf([])
  const held = { codeId: 'cod_one' } as const
  const runs = [{ approvalId: nameOf(1), since: NOON, until: NOON + MINUTE }]
  await desk.put(desk.records.approvals.putCoolDown(held, { runs }))
  expect(await ask(desk, 2, NOON, { ...held, network: SHARED })).toMatchObject({
    ok: false,
    retryMs: MINUTE,
  })
})

test('APP-09 who was rejected is told that alone', async () => {
  const desk = await deskOf([rejectedOf(termsOf(1))])
  const refused = { ok: false, refusal: 'approval_rejected' }
  expect(await ask(desk, 1, NOON + 2 * MINUTE)).toEqual(refused)
})
