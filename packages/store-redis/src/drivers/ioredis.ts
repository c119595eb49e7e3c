import { PairError } from '@pair/core'
import { toCommand, type Driver } from '../driver.ts'
import { quietly } from '../quietly.ts'

/** What the store uses of a `Redis` or a `Cluster` of ioredis. */
export interface Ioredis {
  readonly isCluster: boolean
  call(command: string, ...args: (string | Buffer | number)[]): Promise<unknown>
  disconnect(reconnect?: boolean): void
}

/** ioredis types the rest more closely than a stranger's interface can say. */
interface Node extends Ioredis {
  options: {
    keyPrefix?: string
    redisOptions?: { keyPrefix?: string }
    autoResendUnfulfilledCommands?: boolean
  }
  on(event: string, listener: (...told: never[]) => void): unknown
  pipeline(): Pipeline
  duplicate(options: Record<string, unknown>): Node
  connect(): Promise<void>
  subscribe(...channels: string[]): Promise<unknown>
  nodes(role: 'master'): Node[]
}

interface Pipeline {
  call(command: string, ...args: string[]): Pipeline
  exec(): Promise<[error: Error | null, answer: unknown][] | null>
}

export function isIoredis(client: unknown): client is Ioredis {
  const { call, pipeline, duplicate } = (client ?? {}) as Partial<Node>
  return [call, pipeline, duplicate].every((method) => typeof method === 'function')
}

export function ioredisDriver(given: Ioredis): Driver {
  const client = given as Node
  const { keyPrefix, redisOptions, autoResendUnfulfilledCommands } = client.options
  if (keyPrefix || redisOptions?.keyPrefix)
    throw new PairError('config_invalid', {
      message: 'redisStore: a client with `keyPrefix` calls keys by other names than scripts do.',
      hint: "new Redis(url) without keyPrefix, and redisStore(redis, { prefix: 'app' })",
    })
  let turn = 0

  const primaries = (): Node[] => (client.isCluster ? client.nodes('master') : [client])

  return {
    run(run) {
      const [command, ...args] = toCommand(run)
      return client.call(command!, ...args)
    },
    async runAndWait(run, { replicas, timeoutMs }) {
      const [command, ...args] = toCommand(run)
      // where the line breaks between the two, ioredis fails the second: it is not sent alone on another line
      const answers = await client
        .pipeline()
        .call(command!, ...args)
        .call('WAIT', String(replicas), String(timeoutMs))
        .exec()
      const [ran, waited] = answers ?? []
      const error = ran?.[0] ?? waited?.[0]
      if (error) throw error
      return { answer: ran?.[1], replicas: Number(waited?.[1]) }
    },
    // a `Cluster` does it whenever a line ends
    resends: client.isCluster || autoResendUnfulfilledCommands !== false,
    async listen(channels, listener) {
      const nodes = primaries()
      // in a cluster any node hears all; after a failure another one is tried
      const node = nodes[turn++ % Math.max(1, nodes.length)]
      if (!node) throw new Error('the cluster has no node yet')
      const line = node.duplicate({
        lazyConnect: true,
        retryStrategy: () => null,
        reconnectOnError: null,
        autoResubscribe: false,
        autoResendUnfulfilledCommands: false,
        enableOfflineQueue: true,
      })
      let open = true
      const close = (): void => {
        open = false
        quietly(() => line.disconnect())
      }
      const end = (): void => {
        if (!open) return
        close()
        listener.ended()
      }
      line.on('error', ignore)
      line.on('end', end)
      line.on('message', (channel: string, payload: string) => {
        if (open) listener.heard(channel, payload)
      })
      try {
        await line.connect()
        await line.subscribe(...channels)
      } catch (error) {
        close()
        throw error
      }
      return { close }
    },
    askPrimaries: (command) =>
      Promise.all(primaries().map((node) => node.call(command[0]!, ...command.slice(1)))),
  }
}

function ignore(): void {}
