// The load, in a process of its own: each message is one run, each answer what came of it.
import autocannon from 'autocannon'

export interface Load {
  url: string
  headers: Record<string, string>
  seconds: number
}

export interface Loaded {
  /** Requests that were answered 200. */
  answered: number
  perSecond: number
  /** Anything but 200. */
  failed: number
}

process.on('message', (load: Load) => {
  void run(load).then((loaded) => process.send!(loaded))
})

async function run({ url, headers, seconds }: Load): Promise<Loaded> {
  const { statusCodeStats, errors, non2xx, duration } = await autocannon({
    url,
    headers,
    connections: 32,
    duration: seconds,
  })
  const answered = (statusCodeStats as Record<string, { count?: number }>)['200']?.count ?? 0
  return { answered, perSecond: answered / duration, failed: errors + non2xx }
}
process.on('disconnect', () => process.exit())
