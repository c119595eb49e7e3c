import { faultProxy, type FaultProxy } from '@pair/testkit'
import { onTestFinished } from 'vitest'

/** So often there is an outage, behind which all that hangs is cut and the storm begins anew. */
const GUST_MS = 1_500
const OUTAGE_MS = 200
/** As long as a request takes to the server. */
const ON_THE_WAY_MS = 2

/** A way to a server on which the network fails, until the test has finished. */
export async function proxyOf(url: string): Promise<{ proxy: FaultProxy; url: string }> {
  const through = new URL(url)
  const proxy = await faultProxy({ host: through.hostname, port: Number(through.port) })
  onTestFinished(() => proxy.close())
  through.hostname = proxy.host
  through.port = String(proxy.port)
  return { proxy, url: through.href }
}

/** Lines are reset, lose answers, hang and are slow from now on, and now and then there is no way at all, until that is stopped. */
export function blow(proxy: FaultProxy, from: { seed: number; chance: number }): () => void {
  let { seed } = from
  let calm: NodeJS.Timeout | undefined
  const storm = (): void => {
    proxy.heal()
    void proxy.accept()
    proxy.storm({
      seed: seed++,
      chance: from.chance,
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
    const isCommit = (request: Buffer): boolean => {
      if (calm !== undefined || !request.includes('pair_commit_')) return false
      calm = setTimeout(cutAll, ON_THE_WAY_MS)
      return true
    }
    calm = undefined
    proxy.strike('pass', { when: isCommit })
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
