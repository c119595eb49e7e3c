/** The server's five characters, where it was the server that refused. */
function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^(\d[0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/.test(code) ? code : ''
}

/** Did the server answer, on a line that goes on? Then what was asked for was undone as a whole. */
export function isAnswer(error: unknown): boolean {
  const code = codeOf(error)
  // a line that ends, a server that stops, a session that is ended from outside, a fault of the server itself
  return code !== '' && !/^(08|57P|58|XX|25P0[34])/.test(code)
}

/** Lost against others that were at work at the same time; the same again may go well. */
export function isTransient(error: unknown): boolean {
  return ['40001', '40P01', '53200'].includes(codeOf(error))
}

/** No lock in time. */
export function isBusy(error: unknown): boolean {
  return codeOf(error) === '55P03'
}

/** The line knows no such prepared statement, or has one of that name already. Nothing was done. */
export function isUnprepared(error: unknown): boolean {
  return ['26000', '42P05'].includes(codeOf(error))
}

/** The role may not do that. */
export function isForbidden(error: unknown): boolean {
  return codeOf(error) === '42501'
}

/** There is no such table, schema or procedure. */
export function isMissing(error: unknown): boolean {
  return ['42P01', '3F000', '42883'].includes(codeOf(error))
}
