import { setTimeout } from 'node:timers/promises'
import { newServer, type OwnServer } from './own-server.ts'

/** Three servers that share the slots. */
export interface OwnCluster {
  nodes: readonly OwnServer[]
  url: string
  /** The one that has this slot at first. */
  nodeOf(slot: number): OwnServer
  /** Gives it away, with all that is in it. */
  moveSlot(slot: number, to: OwnServer): Promise<void>
  remove(): Promise<void>
}

const SLOTS = 16_384

/** Replicas are waited for no longer than need be. */
const QUICK = {
  'cluster-enabled': 'yes',
  'cluster-node-timeout': '2000',
  'repl-diskless-sync-delay': '0',
}

export interface ClusterOptions {
  program?: string
  /** How many of the three have a replica. */
  replicas?: number
}

export async function newCluster(
  settings: Readonly<Record<string, string>> = {},
  { program, replicas = 0 }: ClusterOptions = {},
): Promise<OwnCluster> {
  const open = (): Promise<OwnServer> => newServer({ ...QUICK, ...settings }, program)
  const all = await Promise.all(Array.from({ length: 3 + replicas }, open))
  await Promise.all(all.map((server) => server.start()))
  const nodes = all.slice(0, 3)
  const [first, ...others] = all
  const bounds = nodes.map((_, at) => Math.ceil((SLOTS * at) / nodes.length))
  for (const [at, node] of nodes.entries()) {
    const last = (bounds[at + 1] ?? SLOTS) - 1
    await node.ask('CLUSTER', 'ADDSLOTSRANGE', String(bounds[at]), String(last))
  }
  for (const [at, server] of all.entries())
    await server.ask('CLUSTER', 'SET-CONFIG-EPOCH', String(at + 1))
  for (const server of others) await first!.ask('CLUSTER', 'MEET', '127.0.0.1', String(server.port))
  const isWhole = RegExp(`cluster_state:ok[^]*cluster_known_nodes:${all.length}\\b`)
  for (const server of all) await until(server, ['CLUSTER', 'INFO'], isWhole)
  for (const [at, replica] of all.slice(3).entries()) {
    await until(replica, ['CLUSTER', 'REPLICATE', await idOf(nodes[at]!)], /^\+OK/)
    await until(replica, ['INFO', 'replication'], /master_link_status:up/)
    await until(nodes[at]!, ['INFO', 'replication'], /state=online/)
  }

  async function moveSlot(slot: number, to: OwnServer): Promise<void> {
    const ids = await Promise.all(nodes.map(idOf))
    const target = ids[nodes.indexOf(to)]!
    let any = ''
    for (const [at, from] of nodes.entries()) {
      if (from === to) continue
      const names = await namesIn(from, slot)
      if (names.length === 0) continue
      any = names[0]!
      await to.ask('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', ids[at]!)
      await from.ask('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', target)
      const port = String(to.port)
      await from.ask('MIGRATE', '127.0.0.1', port, '', '0', '5000', 'KEYS', ...names)
    }
    for (const node of [to, ...nodes.filter((each) => each !== to)])
      await node.ask('CLUSTER', 'SETSLOT', String(slot), 'NODE', target)
    // a client may ask any of them for the way
    for (const server of all.filter((each) => each !== to))
      await until(server, ['EXISTS', any], RegExp(`^-MOVED ${slot} \\S+:${to.port}\\b`))
  }

  return {
    nodes,
    url: first!.url,
    nodeOf: (slot) => nodes[bounds.findLastIndex((bound) => bound <= slot)]!,
    moveSlot,
    remove: async () => void (await Promise.all(all.map((server) => server.remove()))),
  }
}

async function until(server: OwnServer, command: string[], says: RegExp): Promise<void> {
  while (!says.test(await server.ask(...command))) await setTimeout(20)
}

async function idOf(server: OwnServer): Promise<string> {
  return /[0-9a-f]{40}/.exec(await server.ask('CLUSTER', 'MYID'))![0]
}

async function namesIn(server: OwnServer, slot: number): Promise<string[]> {
  const answer = await server.ask('CLUSTER', 'GETKEYSINSLOT', String(slot), '1000')
  return answer.split('\r\n').filter((line, at) => at > 0 && at % 2 === 0 && line !== '')
}
