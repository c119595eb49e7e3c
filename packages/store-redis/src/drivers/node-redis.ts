import { PairError } from '@pair/core'
import { quietly } from '@pair/core/store'
import { sendAndWait, toCommand, type Driver, type Line } from '../driver.ts'
import { slotOf } from './slot.ts'

/** What the store uses of that which `createClient()` or `createCluster()` of redis answers. */
export interface NodeRedis {
  readonly isOpen: boolean
  sendCommand: unknown
  duplicate: unknown
}

interface Emitter {
  on(event: string, listener: (...told: never[]) => void): unknown
  off(event: string, listener: (...told: never[]) => void): unknown
  listeners(event: string): unknown[]
  connect(): Promise<unknown>
  destroy?(): void
  disconnect?(): Promise<void>
}

/** One node. The types of redis depend on its modules: none of them fits a stranger's interface. */
interface Node extends NodeRedis, Emitter {
  options?: { socket?: object; keyPrefix?: string }
  sendCommand(command: readonly string[], options: object): Promise<unknown>
  duplicate(options: object): Node
  subscribe(
    channels: readonly string[],
    listener: (payload: string, channel: string) => void,
  ): Promise<unknown>
}

interface Cluster extends NodeRedis, Emitter {
  readonly masters: readonly object[]
  readonly slots: readonly { master: object }[]
  nodeClient(node: object): Node | Promise<Node>
  duplicate(options: object): Cluster
  sendCommand(
    key: string,
    isReadonly: boolean,
    command: readonly string[],
    options: object,
  ): Promise<unknown>
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
  const prefix = isCluster(client)
    ? (client as { _keyPrefix?: string })._keyPrefix
    : client.options?.keyPrefix
  if (prefix) throw isPrefixed()
  // without a listener a line that breaks would end the process
  if (!client.listeners('error').includes(ignore)) client.on('error', ignore)
  let turn = 0
  return {
    isCluster: isCluster(client),
    hasLines: true,
    async connect(ended) {
      requireOpen(client)
      return isCluster(client) ? openCluster(client, ended) : openNode(client, ended)
    },
    async listen(channels, listener) {
      requireOpen(client)
      let node: Node = client as Node
      if (isCluster(client)) {
        // any node hears all; after a failure another one is tried
        const { masters } = client
        const some = masters[turn++ % Math.max(1, masters.length)]
        if (!some) throw new Error('the cluster has no node yet')
        node = await client.nodeClient(some)
      }
      const line = duplicateOf(node)
      const close = await open(line, client, () => listener.ended())
      try {
        await line.subscribe(channels, (payload, channel) => listener.heard(channel, payload))
      } catch (error) {
        close()
        throw error
      }
      return { close }
    },
  }
}

/** It neither comes back by itself nor keeps for later what it can not send. */
function duplicateOf(client: Node): Node {
  const socket = { ...client.options?.socket, reconnectStrategy: false }
  return client.duplicate({ socket, disableOfflineQueue: true })
}

async function openNode(client: Node, ended: () => void): Promise<Line> {
  const node = duplicateOf(client)
  const close = await open(node, client, ended)
  const send = (command: readonly string[]): Promise<unknown> => node.sendCommand(command, PLAIN)
  return {
    run: (run) => send(toCommand(run)),
    runAndWait: (runs, wait) => sendAndWait(send, runs, wait),
    askPrimaries: async (command) => [await send(command)],
    close,
  }
}

async function openCluster(client: Cluster, ended: () => void): Promise<Line> {
  // a node that is down holds up only what goes to it
  const cluster = client.duplicate({ minimizeConnections: true })
  const close = await open(cluster, client, ended)
  return {
    run: (run) => cluster.sendCommand(run.keys[0]!, false, toCommand(run), PLAIN),
    async runAndWait(runs, wait) {
      const node = await cluster.nodeClient(cluster.slots[slotOf(runs[0]!.keys[0]!)]!.master)
      const send = (command: readonly string[]): Promise<unknown> =>
        node.sendCommand(command, PLAIN)
      return onOneConnection(send, () => sendAndWait(send, runs, wait))
    },
    askPrimaries: (command) =>
      Promise.all(
        cluster.masters.map(async (master) =>
          (await cluster.nodeClient(master)).sendCommand(command, PLAIN),
        ),
      ),
    close,
  }
}

/** A node's client comes back by itself: what it sends then is told from what it sent before by the name of the connection. */
async function onOneConnection<T>(
  send: (command: readonly string[]) => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  const name = `pair-${globalThis.crypto.randomUUID()}`
  const [, done, last] = await Promise.all([
    send(['CLIENT', 'SETNAME', name]),
    work(),
    send(['CLIENT', 'GETNAME']),
  ])
  if (String(last) !== name) throw new Error('the connection was another one in between')
  return done
}

/** Connects that line, which ends with its client; answers what closes it without being told. */
async function open(line: Emitter, client: Node | Cluster, ended: () => void): Promise<() => void> {
  const isWhole = isCluster(client) && 'masters' in line
  let isOpen = true
  const close = (): void => {
    isOpen = false
    for (const event of ['end', 'disconnect']) client.off(event, end)
    quietly(() => (line.destroy ? line.destroy() : void line.disconnect?.().catch(ignore)))
  }
  function end(): void {
    if (!isOpen) return
    close()
    ended()
  }
  line.on('error', ignore)
  // a cluster goes on while one of its nodes does not
  if (!isWhole)
    for (const event of ['error', 'end', 'reconnecting', 'terminated']) line.on(event, end)
  for (const event of ['end', 'disconnect']) client.on(event, end)
  try {
    await line.connect()
  } catch (error) {
    close()
    throw error
  }
  if (!isOpen) throw new Error('ended while it was opened')
  return close
}

function isCluster(client: Node | Cluster): client is Cluster {
  return 'masters' in client
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
