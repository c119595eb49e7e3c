/** A list as Postgres writes arrays. Every driver binds a text, and none of them has to know the type of an array for it. */
export function toArrayText(list: readonly (string | number | boolean | null)[]): string {
  return `{${list.map(toElement).join(',')}}`
}

function toElement(element: string | number | boolean | null): string {
  if (element === null) return 'NULL'
  return typeof element === 'string' ? `"${element.replaceAll(/["\\]/g, '\\$&')}"` : String(element)
}
