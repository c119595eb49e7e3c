import type { Logger } from '../ports/runtime.ts'

/** Tells a listener of the app; what it throws, or rejects with later, is logged and ends nothing. */
export function tellSturdily<T>(
  listener: (told: T) => unknown,
  told: T,
  logger: Logger,
  what: 'changes' | 'refusals',
): void {
  const failed = (error: unknown): void =>
    logger.error(`a listener for ${what} threw`, { error: textOf(error) })
  try {
    const answer = listener(told)
    if (answer instanceof Promise) answer.catch(failed)
  } catch (error) {
    failed(error)
  }
}

/** Anything can be thrown, also what has no text. */
function textOf(error: unknown): string {
  try {
    return String(error)
  } catch {
    return 'something that has no text'
  }
}
