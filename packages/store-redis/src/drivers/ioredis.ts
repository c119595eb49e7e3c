import { nextTick } from 'node:process'
import { PairError } from '@pair/core'
import { quietly } from '@pair/core/store'
import { sendAndWait, toCommand, type Driver, type Line } from '../driver.ts'
import { slotOf } from './slot.ts'

/** What the store uses of a `Redis` or a `Cluster` of ioredis. */
export interface Ioredis {
  readonly isCluster: boolean
  call(command: string, ...args: (string | Buffer | number)[]): Promise<unknown>
  disconnect(reconnect?: boolean): void
}

/** ioredis types the rest more closely than a stranger's interface can say. */
interface Node extends Ioredis {
  readonly status: string
  readonly stream?: { destroy(): void; cork(): void; uncork(): void }
  options: {
    host?: string
    port?: number
    keyPrefix?: string
    redisOptions?: { keyPrefix?: string }
  }
  on(event: string, listener: (...told: never[]) => void): unknown
  off(event: string, listener: (...told: never[]) => void): unknown
  duplicate(options: Record<string, unknown>): Node
  connect(): Promise<void>
  subscribe(...channels: string[]): Promise<unknown>
}

interface Cluster extends Omit<Node, 'duplicate'> {
  /** Which nodes have a slot, the primary first. */
  readonly slots: readonly (readonly string[] | undefined)[]
  nodes(role?: 'master'): Node[]
  duplicate(nodes: readonly [], options: Record<string, unknown>): Cluster
}

/** So many commands are sent at once. */
const TOGETHER = 16
/** Neither comes back by itself nor sends anything twice. */
const ONCE = { autoResendUnfulfilledCommands: false, autoResubscribe: false }
const NODE = {
  ...ONCE,
  lazyConnect: true,
  retryStrategy: () => null,
  reconnectOnError: null,
  enableAutoPipelining: false,
}
const CLUSTER = {
  lazyConnect: true,
  clusterRetryStrategy: () => null,
  clusterNodeRetryStrategy: null,
  // else what a line that broke left unanswered is sent to another node
  retryDelayOnFailover: 0,
  enableAutoPipelining: false,
  redisOptions: ONCE,
}

export function isIoredis(client: unknown): client is Ioredis {
  const { call, connect, duplicate } = (client ?? {}) as Partial<Node>
  return [call, connect, duplicate].every((method) => typeof method === 'function')
}

export function ioredisDriver(given: Ioredis): Driver {
  const client = given as Node | Cluster
  const { keyPrefix, redisOptions } = client.options
  if (keyPrefix || redisOptions?.keyPrefix)
    throw new PairError('config_invalid', {
      message: 'redisStore: a client with `keyPrefix` calls keys by other names than scripts do.',
      hint: "new Redis(url) without keyPrefix, and redisStore(redis, { prefix: 'app' })",
    })
  let turn = 0
  return {
    isCluster: client.isCluster,
    hasLines: true,
    async connect(ended) {
      requireOpen(client)
      return isCluster(client) ? openCluster(client, ended) : openNode(client, ended)
    },
    async listen(channels, listener) {
      requireOpen(client)
      const nodes = isCluster(client) ? client.nodes('master') : [client]
      // in a cluster any node hears all; after a failure another one is tried
      const node = nodes[turn++ % Math.max(1, nodes.length)]
      if (!node) throw new Error('the cluster has no node yet')
      const line = node.duplicate({ ...NODE, enableOfflineQueue: true })
      let isOver = false
      line.on('message', (channel: string, payload: string) => {
        if (!isOver) listener.heard(channel, payload)
      })
      const end = await open(line, client, () => listener.ended())
      const close = (): void => {
        isOver = true
        end()
      }
      try {
        await line.subscribe(...channels)
      } catch (error) {
        close()
        throw error
      }
      return { close }
    },
  }
}

async function openNode(client: Node, ended: () => void): Promise<Line> {
  const node = client.duplicate({ ...NODE, enableOfflineQueue: false, maxRetriesPerRequest: null })
  const close = await open(node, client, ended)
  const { stream } = node
  let held = 0
  const flush = (): void => {
    if (held > 0) stream?.uncork()
    held = 0
  }
  /** What is sent in one turn of the event loop goes to the system together: ioredis asks it for each command. */
  const sendTogether = (command: readonly string[]): Promise<unknown> => {
    if (held === 0) {
      stream?.cork()
      nextTick(flush)
    }
    const answer = send(node, command)
    held += 1
    // the server begins while the rest is made
    if (held === TOGETHER) flush()
    return answer
  }
  return {
    run: (run) => sendTogether(toCommand(run)),
    runAndWait: (runs, wait) => sendAndWait(sendTogether, runs, wait),
    askPrimaries: async (command) => [await send(node, command)],
    close,
  }
}

async function openCluster(client: Cluster, ended: () => void): Promise<Line> {
  const cluster = client.duplicate([], CLUSTER)
  const close = await open(cluster, client, ended)
  return {
    run: (run) => send(cluster, toCommand(run)),
    async runAndWait(runs, wait) {
      const [name] = cluster.slots[slotOf(runs[0]!.keys[0]!)] ?? []
      const nodes = cluster.nodes('master')
      const node = nodes.find(({ options }) => `${options.host}:${options.port}` === name)
      // another one knows the way
      return sendAndWait((command) => send(node ?? nodes[0]!, command), runs, wait)
    },
    askPrimaries: (command) =>
      Promise.all(cluster.nodes('master').map((node) => send(node, command))),
    close,
  }
}

const send = (node: Pick<Ioredis, 'call'>, command: readonly string[]): Promise<unknown> =>
  node.call(...(command as [string, ...string[]]))

/** Connects that line, which ends with its client; answers what closes it without being told. */
async function open(
  line: Node | Cluster,
  client: Node | Cluster,
  ended: () => void,
): Promise<() => void> {
  let isOpen = true
  let failure: unknown
  const close = (): void => {
    isOpen = false
    client.off('end', end)
    const nodes = isCluster(line) ? line.nodes() : [line]
    quietly(() => line.disconnect())
    // else it sends first what it still has to send
    for (const node of nodes) quietly(() => node.stream?.destroy())
  }
  function end(): void {
    if (!isOpen) return
    close()
    ended()
  }
  line.on('error', (error: unknown) => (failure = error))
  line.on('end', end)
  client.on('end', end)
  try {
    await line.connect()
  } catch (error) {
    close()
    // what the server said comes as an event
    throw failure ?? error
  }
  if (!isOpen) throw new Error('ended while it was opened')
  return close
}

function isCluster(client: Node | Cluster): client is Cluster {
  return client.isCluster
}

function requireOpen({ status }: Node | Cluster): void {
  if (status !== 'end') return
  throw new PairError('store_unavailable', {
    message: 'The client of Redis was ended.',
    hint: 'End it after store.close().',
  })
}
