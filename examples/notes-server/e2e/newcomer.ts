import { createPairClient, memoryKeyStore, type KeyStore, type PairClient } from '@pair/client'
import { onTestFinished } from 'vitest'

/** An app that is no browser, until the test has finished: it calls itself as it likes. */
export function newApp(
  origin: string,
  { label, keyStore = memoryKeyStore() }: { label: string; keyStore?: KeyStore },
): PairClient {
  const app = createPairClient({ baseUrl: origin, label, keyStore })
  onTestFinished(() => app.close())
  return app
}

/** Resolves once the app stands so. */
export async function untilStatus(app: PairClient, status: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (app.getSnapshot().status === status) resolve()
    }
    app.subscribe(look)
    look()
  })
}
