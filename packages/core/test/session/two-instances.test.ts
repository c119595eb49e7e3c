import { describe, expect, onTestFinished, test } from 'vitest'
import { faultyStore, type FaultyStore } from '@pair/testkit/store'
import type { Store } from '../../src/ports/store.ts'
import { createEdge, HERE, type Edge, type Keyed } from '../kit/edge.ts'
import { readEvents, type EventReader } from '../kit/events.ts'
import { STORES } from '../kit/stores.ts'

/** Of one server, each on lines of its own to what they share. */
interface Both {
  here: Edge
  there: Edge
  owner: Keyed
}

async function stream(edge: Edge, device: Keyed, query = ''): Promise<EventReader> {
  const path = '/auth/access/events'
  const headers = await device.headers('GET', path)
  const answer = await edge.pair.handler(new Request(HERE + path + query, { headers }))
  if (answer?.status !== 200) throw new Error(`${answer?.status} ${await answer?.text()}`)
  return readEvents(answer)
}

/** An open socket; what it is closed with stands in the list. */
async function socket(edge: Edge, authorization: string): Promise<number[]> {
  const request = new Request(`${HERE}/live`, { headers: { authorization } })
  const guard = await edge.pair.openSocket(request, undefined, {})
  if (guard instanceof Response) throw new Error(await guard.text())
  const closes: number[] = []
  guard.attach({ send() {}, close: (code) => void closes.push(code) }, () => {})
  return closes
}

async function isIn({ pair }: Edge, authorization: string): Promise<boolean> {
  return (await pair.guard(new Request(HERE, { headers: { authorization } }), undefined, {})).ok
}

async function sessionOf(edge: Edge, authorization: string): Promise<string> {
  return (await edge.call('/auth/session', { headers: { authorization } })).body.session.id
}

const within = { timeout: 1_000, interval: 10 }

describe.each(STORES)('two instances on $name', { timeout: 30_000 }, (kind) => {
  async function open(line: (store: Store) => Store = (store) => store): Promise<Both> {
    const [first, second] = kind.openTwo()
    const [here, there] = [createEdge({ store: first }), createEdge({ store: line(second) })]
    onTestFinished(async () => void (await Promise.all([here.pair.close(), there.pair.close()])))
    return { here, there, owner: await here.owner() }
  }

  const ends: [string, (edge: Edge, id: string, owner: Keyed) => Promise<unknown>][] = [
    ['a revoke in process', ({ pair }, id) => pair.sessions.revoke(id as `ses_${string}`)],
    [
      'a revoke by another device',
      (_, id, owner) => owner.call(`/auth/sessions/${id}`, { method: 'DELETE' }),
    ],
    ['a revoke of all', ({ pair }) => pair.sessions.revokeAll()],
  ]

  test.each(ends)(
    'SES-12 %s closes sockets with 4003 and ends requests on both within a second',
    async (_, end) => {
      const { here, there, owner } = await open()
      const bearer = await here.bearer()
      const closes = [await socket(here, bearer), await socket(there, bearer)]
      for (const edge of [here, there]) expect(await isIn(edge, bearer)).toBe(true)
      await end(here, await sessionOf(here, bearer), owner)
      expect(await isIn(here, bearer)).toBe(false)
      await expect.poll(() => closes, within).toEqual([[4003], [4003]])
      expect(await isIn(there, bearer)).toBe(false)
    },
  )

  test('SES-12 the stream of a device that is revoked ends on both within a second', async () => {
    const { here, there, owner } = await open()
    const readers = [await stream(here, owner), await stream(there, owner)]
    const told = readers.map((reader) => reader.until('end'))
    await here.pair.devices.revoke(owner.deviceId as `dev_${string}`)
    const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), 1_000))
    for (const one of told)
      expect(await Promise.race([one.then((all) => all.at(-1)?.data), late])).toBe(
        '{"code":"session_revoked"}',
      )
  })

  test.each(['told', 'silent'] as const)(
    'SEC-19 where the watch is lost (%s) nobody revoked is answered from memory a second later, and a socket closes',
    async (drop) => {
      const lines: FaultyStore[] = []
      const { here, there } = await open((store) => {
        lines.push(faultyStore(store))
        return lines[0]!.store
      })
      const bearer = await here.bearer()
      const closes = await socket(there, bearer)
      for (let count = 0; count < 3; count++) expect(await isIn(there, bearer)).toBe(true)
      lines[0]!.dropWatch(drop)
      await here.pair.sessions.revoke((await sessionOf(here, bearer)) as `ses_${string}`)
      await expect.poll(() => isIn(there, bearer), within).toBe(false)
      await expect.poll(() => closes, within).toEqual([4003])
      lines[0]!.restoreWatch()
      expect(await isIn(there, bearer)).toBe(false)
    },
  )

  test('EVT-01 what either changes is read at both, each once and in one order, and goes on at the other behind its last id', async () => {
    const { here, there, owner } = await open()
    const { cursor } = (await owner.call('/auth/access')).body
    const readers = [
      await stream(here, owner, `?after=${cursor}`),
      await stream(there, owner, `?after=${cursor}`),
    ]
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? here : there).pair.codes.issue({ origin: HERE, label: `code ${n}` }),
      ),
    )
    await there.pair.devices.rename(owner.deviceId as `dev_${string}`, 'last')
    const read = async (reader: EventReader): Promise<string[]> => {
      const ids: string[] = []
      for (;;) {
        const [told] = (await reader.until('change')).slice(-1)
        const { type, codeId } = JSON.parse(told!.data)
        if (type === 'device.renamed') return ids
        if (type === 'code.issued') ids.push(`${told!.id} ${codeId}`)
      }
    }
    const [one, other] = await Promise.all(readers.map(read))
    expect(other).toEqual(one)
    const idOf = (line: string): string => line.split(' ')[1]!
    expect(one!.map(idOf).sort()).toEqual(made.map(({ code }) => code.id).sort())
    await Promise.all(readers.map((reader) => reader.cancel()))
    const half = one![9]!.split(' ')[0]!
    const again = await stream(there, owner, `?after=${half}`)
    expect(await read(again)).toEqual(one!.slice(10))
    await again.cancel()
  })
})
