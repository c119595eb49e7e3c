/** What a device may be given here, as people choose it. */
export interface Wish {
  value: string
  text: string
  scopes: readonly string[]
}

export const wishes: readonly Wish[] = [
  { value: 'write', text: 'read and write notes', scopes: ['notes:read', 'notes:write'] },
  { value: 'read', text: 'read notes', scopes: ['notes:read'] },
  {
    value: 'all',
    text: 'read and write notes, and manage devices',
    scopes: ['notes:read', 'notes:write', 'access:read', 'access:write'],
  },
]

/** What this browser may ask for: without a secure context it can have no key, and manages no devices. */
export function offeredWishes(): readonly Wish[] {
  return isSecureContext ? wishes : wishes.filter(({ value }) => value !== 'all')
}

/** The scopes of a choice. */
export function scopesOf(value: string): string[] {
  return [...(wishes.find((wish) => wish.value === value)?.scopes ?? [])]
}

const words: Readonly<Record<string, string>> = {
  'notes:read': 'Read notes',
  'notes:write': 'Write notes',
  'access:read': 'See devices',
  'access:write': 'Manage devices',
}

/** One scope as people say it; one that this page does not know stays as it is. */
export function scopeInWords(scope: string): string {
  return Object.hasOwn(words, scope) ? words[scope]! : scope
}
