import { PairError } from '@pair/core'
import { toCommand, type Driver, type Run } from '../driver.ts'
import { quietly } from '../quietly.ts'

/** What the store uses of that which `createClient()` or `createCluster()` of redis answers. */
export interface NodeRedis {
  readonly isOpen: boolean
  sendCommand: unknown
  duplicate: unknown
}

interface Emitter {
  on(event: string, listener: (...told: never[]) => void): unknown
  listeners(event: string): unknown[]
}

/** One node. The types of redis depend on its modules: none of them fits a stranger's interface. */
interface Node extends NodeRedis, Emitter {
  options?: { socket?: object; keyPrefix?: string }
  sendCommand(command: readonly string[], options: object): Promise<unknown>
  multi(): Batch<[command: readonly string[]]>
  duplicate(options: object): Node
  connect(): Promise<unknown>
  subscribe(
    channels: readonly string[],
    listener: (payload: string, channel: string) => void,
  ): Promise<unknown>
  destroy?(): void
  disconnect?(): Promise<void>
}

interface Cluster extends NodeRedis, Emitter {
  readonly masters: readonly object[]
  nodeClient(node: object): Node | Promise<Node>
  sendCommand(
    key: string,
    isReadonly: boolean,
    command: readonly string[],
    options: object,
  ): Promise<unknown>
  multi(key: string): Batch<[key: string, isReadonly: boolean, command: readonly string[]]>
}

interface Batch<A extends readonly unknown[]> {
  addCommand(...args: A): Batch<A>
  execAsPipeline(): Promise<unknown[]>
}

/** Texts come as texts, whatever the client was told to make of them for others. */
const PLAIN = { typeMapping: {} }

export function isNodeRedis(client: unknown): client is NodeRedis {
  const { isOpen, sendCommand, duplicate } = (client ?? {}) as Partial<NodeRedis>
  const isKnown = 'multi' in Object(client) || 'MULTI' in Object(client)
  return (
    isKnown &&
    typeof isOpen === 'boolean' &&
    [sendCommand, duplicate].every((method) => typeof method === 'function')
  )
}

export function nodeRedisDriver(given: NodeRedis): Driver {
  const client = given as Node | Cluster
  // without a listener a line that breaks would end the process
  if (!client.listeners('error').includes(ignore)) client.on('error', ignore)
  return 'masters' in client ? clusterDriver(client) : nodeDriver(client)
}

function nodeDriver(client: Node): Driver {
  if (client.options?.keyPrefix) throw isPrefixed()
  return {
    async run(run) {
      requireOpen(client)
      return client.sendCommand(toCommand(run), PLAIN)
    },
    async runAndWait(run, { replicas, timeoutMs }) {
      requireOpen(client)
      const wait = ['WAIT', String(replicas), String(timeoutMs)]
      const batch = client.multi().addCommand(toCommand(run)).addCommand(wait)
      return toWaited(await batch.execAsPipeline())
    },
    // what was sent and not answered is rejected
    resends: false,
    listen: (channels, listener) => listenOn(client, channels, listener),
    askPrimaries: async (command) => [await client.sendCommand(command, PLAIN)],
  }
}

function clusterDriver(cluster: Cluster): Driver {
  if ((cluster as { _keyPrefix?: string })._keyPrefix) throw isPrefixed()
  let turn = 0
  const nodes = (): Promise<Node[]> =>
    Promise.all(cluster.masters.map(async (node) => cluster.nodeClient(node)))
  const keyOf = ({ keys }: Run): string => keys[0]!
  return {
    async run(run) {
      requireOpen(cluster)
      return cluster.sendCommand(keyOf(run), false, toCommand(run), PLAIN)
    },
    async runAndWait(run, { replicas, timeoutMs }) {
      requireOpen(cluster)
      const key = keyOf(run)
      const wait = ['WAIT', String(replicas), String(timeoutMs)]
      const batch = cluster.multi(key).addCommand(key, false, toCommand(run))
      return toWaited(await batch.addCommand(key, false, wait).execAsPipeline())
    },
    resends: false,
    async listen(channels, listener) {
      requireOpen(cluster)
      // any node hears all; after a failure another one is tried
      const { masters } = cluster
      const node = masters[turn++ % Math.max(1, masters.length)]
      if (!node) throw new Error('the cluster has no node yet')
      return listenOn(await cluster.nodeClient(node), channels, listener)
    },
    askPrimaries: async (command) =>
      Promise.all((await nodes()).map((node) => node.sendCommand(command, PLAIN))),
  }
}

const listenOn = async (
  client: Node,
  ...[channels, listener]: Parameters<NonNullable<Driver['listen']>>
): ReturnType<NonNullable<Driver['listen']>> => {
  const socket = { ...client.options?.socket, reconnectStrategy: false }
  const line = client.duplicate({ socket })
  let open = true
  const close = (): void => {
    open = false
    quietly(() => (line.destroy ? line.destroy() : void line.disconnect?.().catch(ignore)))
  }
  const end = (): void => {
    if (!open) return
    close()
    listener.ended()
  }
  for (const event of ['error', 'end', 'reconnecting', 'terminated']) line.on(event, end)
  try {
    await line.connect()
    await line.subscribe(channels, (payload, channel) => {
      if (open) listener.heard(channel, payload)
    })
  } catch (error) {
    close()
    throw error
  }
  return { close }
}

function toWaited(answers: readonly unknown[]): { answer: unknown; replicas: number } {
  return { answer: answers[0], replicas: Number(answers[1]) }
}

function requireOpen(client: NodeRedis): void {
  if (client.isOpen) return
  throw new PairError('store_unavailable', {
    message: 'The client of Redis is not connected.',
    hint: 'await client.connect() before the first call, and end it after store.close().',
  })
}

function isPrefixed(): PairError {
  return new PairError('config_invalid', {
    message: 'redisStore: a client with `keyPrefix` calls keys by other names than scripts do.',
    hint: "createClient({ url }) without keyPrefix, and redisStore(client, { prefix: 'app' })",
  })
}

function ignore(): void {}
