import { faultProxy, type FaultProxy } from '../network/fault-proxy.ts'
import type { Scope } from './scope.ts'

/** So often there is an outage, behind which all that hangs is cut and the storm begins anew. */
const GUST_MS = 1_500
const OUTAGE_MS = 200
/** As long as a request takes to the server. */
const ON_THE_WAY_MS = 2

/** How a server is reached, and what a place is by another way. */
export interface Route<T> {
  host: string
  port: number
  through(port: number): T
}

/** A way to a server on which the network fails, as long as the work takes. */
export async function proxyOf<T>(
  { host, port, through }: Route<T>,
  scope: Scope,
): Promise<{ proxy: FaultProxy; setting: T }> {
  const proxy = await faultProxy({ host, port })
  scope.atEnd(() => proxy.close())
  return { proxy, setting: through(proxy.port) }
}

export interface StormOptions {
  seed: number
  /** How many requests meet a fault: from 0 to 1. */
  chance: number
  isCommit?: ((request: Buffer) => boolean) | undefined
}

/** Lines are reset, lose answers, hang and are slow from now on, and now and then there is no way at all, until that is stopped. */
export function blow(
  proxy: FaultProxy,
  { chance, isCommit = () => true, ...from }: StormOptions,
): () => void {
  let { seed } = from
  let calm: NodeJS.Timeout | undefined
  const storm = (): void => {
    proxy.heal()
    void proxy.accept()
    proxy.storm({
      seed: seed++,
      chance,
      faults: ['cut', 'lose-answer', 'lose-answer', 'swallow', { delayMs: 20 }],
    })
  }
  /** Behind the next commit, which is done and not heard of, nor can anybody ask what became of it. */
  const outage = (): void => {
    const cutAll = (): void => {
      proxy.refuse()
      proxy.strike('cut')
      calm = setTimeout(storm, OUTAGE_MS)
    }
    const isIts = (request: Buffer): boolean => {
      if (calm !== undefined || !isCommit(request)) return false
      calm = setTimeout(cutAll, ON_THE_WAY_MS)
      return true
    }
    calm = undefined
    proxy.strike('pass', { when: isIts })
  }
  storm()
  const outages = setInterval(outage, GUST_MS)
  return () => {
    clearInterval(outages)
    clearTimeout(calm)
    proxy.heal()
    void proxy.accept()
  }
}
