import type { AuditRecords } from '../audit/audit-records.ts'
import { SERVER } from '../audit/event.ts'
import type { CodeId } from '../ids.ts'
import type { RevocationRecords } from '../revocation/revocation-records.ts'
import { checkOf, type Change } from '../storage/space.ts'
import type { Millis } from '../time.ts'
import type { CodeIndex, CodeRecords } from './code-records.ts'
import { codePurgeAt, type Code } from './code.ts'

/** How many live codes one issuer may have. One more ends the oldest. */
const CAP = 20

/** What is left of an index, and whom that ended. */
interface Room {
  kept: CodeIndex['codes']
  evicted: CodeId[]
  change: Change
}

export interface CodeRoomRecords {
  /** Enters a fresh code into the list of its issuer and that of all; under either cap the oldest live one makes room for it. */
  enter(code: Code, mostLive: number, now: Millis): Promise<Change>
}

export interface CodeRoomParts {
  audit: AuditRecords
  codes: CodeRecords
  revocations: RevocationRecords
}

export function createCodeRoomRecords(parts: CodeRoomParts): CodeRoomRecords {
  const { audit, codes: records, revocations } = parts

  /** Makes room under a cap: what is over is dropped, and if none is, the oldest live code is ended. */
  async function makeRoom(codes: CodeIndex['codes'], cap: number, now: Millis): Promise<Room> {
    const none: Change = { checks: [], writes: [], journal: [] }
    const unexpired = codes.filter((code) => now < code.expiresAt)
    if (unexpired.length < cap) return { kept: unexpired, evicted: [], change: none }
    const judged = await Promise.all(
      unexpired.map(async (entry) => ({ entry, ...(await records.standpoint(entry.id, now)) })),
    )
    const live = judged.flatMap(({ usable, ...rest }) =>
      'code' in usable ? [{ code: usable.code, ...rest }] : [],
    )
    // More than one only where the cap was lowered.
    const ending = live.splice(0, Math.max(0, live.length - cap + 1))
    const marks = ending.map(({ marker, code }) =>
      revocations.mark(marker, { at: now, reason: 'evicted' }, codePurgeAt(code)),
    )
    return {
      kept: live.map(({ entry }) => entry),
      evicted: ending.map(({ code }) => code.id),
      change: {
        checks: [...marks.flatMap((mark) => mark.checks), ...ending.flatMap((one) => one.checks)],
        writes: marks.flatMap((mark) => mark.writes),
        journal: ending.map(({ code }) =>
          audit.append({ type: 'code.evicted', at: now, actor: SERVER, codeId: code.id }),
        ),
      },
    }
  }

  return {
    async enter(code, mostLive, now) {
      const [index, all] = await Promise.all([
        records.index(code.issuer?.deviceId ?? 'operator'),
        records.index('all'),
      ])
      const room = await makeRoom(index.record?.codes ?? [], CAP, now)
      const others = all.record?.codes.filter(({ id }) => !room.evicted.includes(id)) ?? []
      const roomOfAll = await makeRoom(others, mostLive, now)
      const own = { id: code.id, expiresAt: code.expiresAt }
      return {
        checks: [checkOf(index), checkOf(all), ...room.change.checks, ...roomOfAll.change.checks],
        writes: [
          records.putIndex(index, [...room.kept, own]),
          records.putIndex(all, [...roomOfAll.kept, own]),
          ...room.change.writes,
          ...roomOfAll.change.writes,
        ],
        journal: [...room.change.journal, ...roomOfAll.change.journal],
      }
    },
  }
}
