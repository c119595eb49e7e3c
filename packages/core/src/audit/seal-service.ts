import type { Logger } from '../ports/runtime.ts'
import type { ServicePorts } from '../service-ports.ts'
import { equalText } from '../encoding/bytes.ts'
import type { Millis } from '../time.ts'
import { JOURNAL_RETENTION_MS, type RawItem } from './audit-records.ts'
import {
  isRewound,
  judgeItems,
  judgeLink,
  writtenAt,
  type ChainFault,
  type ChainReport,
  type Link,
} from './chain.ts'
import { itemDigest, sealDigest } from './seal-crypto.ts'
import { SEAL_RETENTION_MS } from './seal-records.ts'
import type { Seal, SealedItem, SealHead } from './seal.ts'

/** A seal that was written down elsewhere. */
export type KnownSeal = Pick<SealHead, 'number' | 'digest'>

export interface SealService {
  /**
   * Seals what the journal holds behind the newest seal; answers how many items. Of any number of instances that begin at once
   * one makes each seal, and the others leave it to him. Does nothing without `audit.chain`.
   *
   * @throws PairError `store_unavailable`
   */
  seal(): Promise<number>
  /**
   * Looks at all seals, and at all items that are held: is each as it was sealed? Answers the first place that does not hold. Name
   * the `latest` of an earlier look that was kept outside the store, and a chain that was made anew since shows too.
   *
   * @throws PairError `store_unavailable`
   */
  verify(known?: KnownSeal): Promise<ChainReport>
}

const PAGE = 256
const SEALS = 32

export function createSealService(ports: ServicePorts & { logger: Logger }): SealService {
  const { space, records, clock, settings, logger } = ports
  /** The newest seal that this process saw: the store alone can't take it back. */
  let seen: KnownSeal | null = null

  function look(head: KnownSeal | null): boolean {
    if (isRewound(head, seen)) return false
    seen = head === null ? seen : { number: head.number, digest: head.digest }
    return true
  }

  async function sealPage(key: Uint8Array): Promise<{ sealed: number; more: boolean }> {
    const none = { sealed: 0, more: false }
    const head = await records.seals.head()
    // What can't be read is not begun anew: `verify` tells of it.
    if (head.state === 'corrupt') return none
    if (!look(head.record)) {
      logger.error('the chain of seals is behind what was seen of it: nothing is sealed', {
        seen: seen?.number,
        found: head.record?.number ?? null,
      })
      return none
    }
    const before = head.record
    const page = await records.audit.raw(before?.to ?? null, PAGE)
    const last = page.items.at(-1)
    if (last === undefined) return none
    const slot = await records.seals.read((before?.number ?? 0) + 1)
    if (slot.record !== null || slot.state === 'corrupt') return none
    const now = clock()
    const times = writtenAt(
      page.items.map(({ at }) => at),
      before?.at ?? null,
      now,
    )
    const said: Omit<Seal, 'digest'> = {
      number: (before?.number ?? 0) + 1,
      previous: before?.digest ?? null,
      previousAt: before?.at ?? null,
      at: now,
      from: before?.to ?? null,
      to: last.id,
      gap: page.gap,
      items: page.items.map((item, n) => digested(key, item, times[n])),
    }
    const seal: Seal = { ...said, digest: sealDigest(key, said) }
    // Lost: another instance sealed it.
    if (!(await space.commit(records.seals.add(head, slot, seal)))) return none
    look(seal)
    // A log is kept elsewhere than the store: who rewrites the one has the other against him.
    logger.info('the journal was sealed', { number: seal.number, digest: seal.digest })
    return { sealed: page.items.length, more: page.more }
  }

  /** Reads the journal once, from its beginning, up to one place after another. */
  function createReader(key: Uint8Array): (to: string) => Promise<SealedItem[]> {
    let waiting: SealedItem[] = []
    let cursor: string | null = null
    return async (to) => {
      // Each time anew: where it was over before, more may have been written and sealed since.
      let isOver = false
      while (!isOver && (waiting.at(-1)?.id ?? '') <= to) {
        const { items, more } = await records.audit.raw(cursor, PAGE)
        waiting = waiting.concat(items.map((item) => digested(key, item)))
        cursor = items.at(-1)?.id ?? cursor
        isOver = !more
      }
      const end = waiting.findIndex(({ id }) => id > to)
      return waiting.splice(0, end === -1 ? waiting.length : end)
    }
  }

  async function countBehind(place: string | null): Promise<number> {
    let count = 0
    let after = place
    for (;;) {
      const { items, more } = await records.audit.raw(after, PAGE)
      count += items.length
      if (!more) return count
      after = items.at(-1)?.id ?? after
    }
  }

  return {
    async seal() {
      if (!settings.audit.chain) return 0
      const { seal: key } = await ports.keys()
      let total = 0
      for (;;) {
        const { sealed, more } = await sealPage(key)
        total += sealed
        if (!more) return total
      }
    },

    async verify(known) {
      const { seal: key } = await ports.keys()
      const read = createReader(key)
      const now = clock()
      const bad = (fault: ChainFault, seal: number, id: string | null = null): ChainReport => ({
        ok: false,
        fault,
        seal,
        id,
      })
      let before: Link | null = null
      let [verified, forgotten, gaps] = [0, 0, 0]
      for (;;) {
        const page = await records.seals.list(before?.number ?? 0, SEALS)
        for (const { record: seal, state } of page) {
          if (state === 'tombstone') continue
          const number: number = (before?.number ?? 0) + 1
          if (seal === null) return bad('seal_altered', number)
          const link = judgeLink(seal, before, { sealMs: SEAL_RETENTION_MS, now })
          if (link !== null) return bad(link, before === null ? seal.number : number)
          const { digest, ...said } = seal
          if (!equalText(sealDigest(key, said), digest)) return bad('seal_altered', seal.number)
          if (known?.number === seal.number && known.digest !== digest)
            return bad('rewound', seal.number)
          const held = await read(seal.to)
          const judged = judgeItems(seal.items, held, { itemMs: JOURNAL_RETENTION_MS, now })
          if (!judged.ok) return bad(judged.fault, seal.number, judged.id)
          verified += held.length
          forgotten += judged.forgotten
          gaps += seal.gap ? 1 : 0
          before = seal
        }
        if (page.length === SEALS) continue
        // Another may have sealed meanwhile: what is looked at last is the newest.
        const head = await records.seals.head()
        const newest = head.record
        if (newest !== null && newest.number > (before?.number ?? 0)) {
          if ((await records.seals.read((before?.number ?? 0) + 1)).record !== null) continue
          return bad('seal_missing', (before?.number ?? 0) + 1)
        }
        if (head.state === 'corrupt' || (newest?.digest ?? null) !== (before?.digest ?? null))
          return bad('seal_altered', before?.number ?? 0)
        for (const older of [seen, known ?? null])
          if (isRewound(newest, older)) return bad('rewound', newest?.number ?? 0)
        const latest = before && { number: before.number, digest: before.digest, at: before.at }
        const unsealed = await countBehind(before?.to ?? null)
        return { ok: true, latest, verified, forgotten, gaps, unsealed }
      }
    },
  }
}

function digested(key: Uint8Array, { id, text }: RawItem, at: Millis = 0): SealedItem {
  return { id, at, digest: itemDigest(key, text) }
}
