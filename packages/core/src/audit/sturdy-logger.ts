import type { Logger } from '../ports/runtime.ts'

/** A log that can't be written ends no request. */
export function sturdyLogger(logger: Logger): Logger {
  const write =
    (level: keyof Logger): Logger[keyof Logger] =>
    (message, fields) => {
      try {
        logger[level](message, fields)
      } catch {
        // There is no one left to tell.
      }
    }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
