import type { Server } from 'node:http'

/** Ends cleanly on Ctrl-C or SIGTERM, with exit code 0; another Ctrl-C a while later ends at once. */
export function stopOnSignals(server: Server, closing: () => Promise<void>): void {
  let since: number | null = null
  const stop = (): void => {
    if (since !== null) {
      // A parent process hands on the Ctrl-C that this one has heard already: that is no second one.
      if (performance.now() - since > 1_000) process.exit(130)
      return
    }
    since = performance.now()
    server.close()
    closing()
      .catch((error: unknown) => console.error(error))
      .finally(() => {
        server.closeAllConnections()
        console.log('Stopped.')
        process.exit(0)
      })
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}
