import type { Device } from '../device/device.ts'
import type { DeviceId, SessionId } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import { checkOf, keep, type Slot } from '../storage/space.ts'
import { DAY, type Millis } from '../time.ts'
import { KEEP_AFTER_END_MS } from './pairing-records.ts'

export interface RetentionService {
  /**
   * Gives what has ended for good, but was to be kept until revoked, an instant from which on it may be forgotten. Looks
   * at one page of sessions and one of devices, and goes on behind them at the next call.
   */
  letGo(): Promise<void>
}

const PAGE = 500

export function createRetentionService({ space, records, clock }: ServicePorts): RetentionService {
  let session: SessionId | null = null
  let device: DeviceId | null = null

  /** A mark outlasts what it marks. Lost: something moved, and the next sweep looks again. */
  async function keepAll(
    slots: (Slot<unknown> | null)[],
    mark: Slot<unknown>,
    until: Millis,
  ): Promise<void> {
    const held = [...slots, mark].filter((slot) => slot !== null)
    await space.commit({
      checks: held.map(checkOf),
      writes: held
        .filter(({ record }) => record !== null)
        .map((slot) => keep(slot, slot === mark ? until + DAY : until)),
      journal: [],
    })
  }

  async function letGoOfSession(id: SessionId, until: Millis): Promise<void> {
    const { judge, session: slot, marker, grant } = await records.sessions.standpoint(id)
    if (slot.record === null || slot.purgeAt !== null) return
    const standing = judge(clock())
    // Of what can't be read here a later version may know better.
    if (standing.ok || standing.reason !== 'revoked') return
    const [own, presence] = await Promise.all([
      records.devices.read(slot.record.deviceId),
      records.presence.read(id),
    ])
    // A device with a key may pair again; without one it was this session's alone.
    const isGone = own.record?.thumbprint === null
    await keepAll([slot, grant, presence, isGone ? own : null], marker, until)
  }

  /** Behind the mark nothing changes a device any more: its end is known, and the mark need but outlast it. */
  async function letGoOfDevice(
    slot: Slot<Device> & { record: Device },
    until: Millis,
  ): Promise<void> {
    const { id, thumbprint } = slot.record
    const [marker, pointer] = await Promise.all([
      records.revocations.read('device', id),
      thumbprint === null ? null : records.devices.pointer(thumbprint),
    ])
    if (marker.record === null || marker.purgeAt !== null) return
    const isPointed = pointer?.record?.deviceId === id
    await keepAll([slot, isPointed ? pointer : null], marker, Math.max(slot.purgeAt ?? 0, until))
  }

  return {
    async letGo() {
      const until = clock() + KEEP_AFTER_END_MS
      // Without it everything seems to be revoked.
      if ((await records.epochs.read()).id === null) return
      const sessions = await records.sessions.list(session, PAGE)
      session = sessions.next as SessionId | null
      for (const { slot } of sessions.groups)
        if (slot.purgeAt === null) await letGoOfSession(slot.record.id, until)
      const devices = await records.devices.list(device, PAGE)
      device = devices.next as DeviceId | null
      for (const { slot, revoked } of devices.groups) if (revoked) await letGoOfDevice(slot, until)
    },
  }
}
