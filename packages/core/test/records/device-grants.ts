import { oauth } from '../../src/oauth.ts'
import type { AdmissionMode } from '../../src/admission/admission.ts'
import type { Extension } from '../../src/extension.ts'
import type { Pair } from '../../src/pair.ts'
import type { LoggedServer } from '../kit/newcomers.ts'
import { deskOf } from '../oauth/desk.ts'
import type { Door, Seen } from './doors.ts'
import type { LetterWish } from './letters.ts'
import type { Party } from './story.ts'

/** A device that shows a code, with all that it was handed. */
export interface Granted {
  deviceCode: string
  userCode: string
  approvalId: string
  digest: string
  /** Of one that is in. */
  refreshToken?: string
}

/** Devices that asked by the device grant, by what became of it. */
export type DeviceGrants = Record<string, Granted>

const CLIENT = { id: 'notes-cli', label: 'Notes on the command line' }
/** Which of them asked where a code is needed too. */
const WITH_CODE = ['for both']

/** What every server of the story has. */
export const storyOAuth = (): Extension => oauth({ clients: [CLIENT] })

/** Two devices show a code, another may collect, the last has. Ends in the mode `code`, as it began. */
export async function tellOfDeviceGrants(server: LoggedServer): Promise<DeviceGrants> {
  const { admission, approvals } = server.pair
  const desk = deskOf(server, null as never)
  const grants: DeviceGrants = {}
  const show = async (name: string): Promise<Granted> => {
    const known = new Set((await approvals.list()).items.map(({ id }) => id))
    const count = Object.keys(grants).length + 1
    const info = { remoteAddress: `198.51.100.${200 + count}` }
    const params = { client_id: CLIENT.id }
    const asked = await desk.form('/auth/device_authorization', params, { info })
    if (asked.status !== 200) throw new Error(`${name} does not wait: ${asked.text}`)
    const { device_code, user_code } = asked.as<{ device_code: string; user_code: string }>()
    await desk.poll(device_code)
    const { id, digest } = (await approvals.list()).items.find((item) => !known.has(item.id))!
    return (grants[name] = {
      deviceCode: device_code,
      userCode: user_code,
      approvalId: id,
      digest,
    })
  }
  await admission.set('approval')
  await show('shown')
  const letIn = async (name: string): Promise<Granted> => {
    const { approvalId, digest, userCode } = await show(name)
    await approvals.approve(approvalId, { digest, userCode })
    return grants[name]!
  }
  await letIn('let in')
  const inside = await letIn('inside')
  const { refresh_token } = (await desk.poll(inside.deviceCode)).as<{ refresh_token: string }>()
  inside.refreshToken = refresh_token
  await admission.set('code+approval')
  await show('for both')
  await admission.set('code')
  return grants
}

/** All that is asked by these devices, and what the owner types. */
export async function writeDeviceLetters(
  grants: DeviceGrants,
  owner: Party,
  write: (name: string, method: string, path: string, wish?: LetterWish) => Promise<void>,
): Promise<void> {
  for (const [name, { deviceCode, userCode, refreshToken }] of Object.entries(grants)) {
    const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
    const form = { grant_type, device_code: deviceCode, client_id: CLIENT.id }
    await write(`poll of ${name}`, 'POST', '/auth/token', { form })
    await write(`later poll of ${name}`, 'POST', '/auth/token', { form })
    await write(`code typed of ${name}`, 'POST', '/auth/device', {
      party: owner,
      body: { userCode },
    })
    if (refreshToken === undefined) continue
    const refresh = { grant_type: 'refresh_token', refresh_token: refreshToken }
    await write(`renewal without the client of ${name}`, 'POST', '/auth/renew', {
      body: { refreshToken },
    })
    await write(`refresh of ${name}`, 'POST', '/auth/token', {
      form: { ...refresh, client_id: CLIENT.id },
    })
  }
}

/** The doors of these devices, mode by mode; it begins and ends in the mode `code`. */
export function deviceDoors(
  grants: DeviceGrants,
  handle: (name: string, read?: (body: never) => Partial<Seen>) => Door,
  inProcess: (name: string, ask: (pair: Pair) => Promise<Partial<Seen>>) => Door,
): Door[] {
  const turn = (mode: AdmissionMode): Door => ({
    ...inProcess(`devices: ${mode}`, async ({ admission }) => (await admission.set(mode), {})),
    isTurn: true,
  })
  const approve = (name: string, isTyped: boolean): Door =>
    inProcess(`approve ${name}${isTyped ? '' : ' untyped'}`, async ({ approvals }) => {
      const { approvalId, digest, userCode } = grants[name]!
      const typed = isTyped ? { userCode } : {}
      const { decision } = await approvals.approve(approvalId, { digest, ...typed })
      return { scopes: decision?.scopes ?? [] }
    })
  const scopesOf = ({ scope }: { scope: string }): Partial<Seen> => ({ scopes: scope.split(' ') })
  const doors = (name: string): Door[] => [
    handle(`poll of ${name}`, scopesOf),
    handle(`code typed of ${name}`, ({ scopes }: { scopes: string[] }) => ({ scopes })),
    approve(name, false),
    approve(name, true),
    handle(`later poll of ${name}`, scopesOf),
    ...(grants[name]!.refreshToken === undefined
      ? []
      : [handle(`renewal without the client of ${name}`), handle(`refresh of ${name}`, scopesOf)]),
  ]
  const names = Object.keys(grants)
  return [
    turn('approval'),
    ...names.filter((name) => !WITH_CODE.includes(name)).flatMap(doors),
    turn('code+approval'),
    ...WITH_CODE.flatMap(doors),
    turn('code'),
  ]
}
