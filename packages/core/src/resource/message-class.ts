import { parseStrictJson } from '../encoding/strict-json.ts'
import { kindOf, type ResourceAccess, type ResourceKinds } from './resource.ts'

/** What a socket brings. */
export type Frame = string | ArrayBuffer | Uint8Array

/** The longest frame whose class is looked for. Characters. */
const LONGEST = 65_536

/**
 * The class of a message where the app names none: the text `type` of the one JSON object that the frame is. `null`: it has
 * none, as a binary frame, JSON that readers may take in two ways, or one that is too long.
 */
export function readMessageClass(frame: Frame): string | null {
  if (typeof frame !== 'string' || frame.length > LONGEST) return null
  const parsed = parseStrictJson(frame)
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return null
  const { value } = parsed
  if (Array.isArray(value) || !Object.hasOwn(value, 'type')) return null
  const { type } = value as { type?: unknown }
  return typeof type === 'string' ? type : null
}

/** May a message of that class be sent by whoever has this access? What has no class, and what nobody declared, may not. */
export function maySend(
  kinds: ResourceKinds,
  { name, mode }: ResourceAccess,
  messageClass: string | null,
): boolean {
  if (messageClass === null) return false
  return kinds.get(kindOf(name))?.messages.get(mode)?.has(messageClass) === true
}
