// One app in a process of its own: `server.ts <framework> <app>`. It tells its parent what it took of the processor.
import { Session, type Profiler } from 'node:inspector/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { expressApps } from './express-apps.ts'
import { honoApps } from './hono-apps.ts'

const [framework, name = ''] = process.argv.slice(2)
const server = createServer()
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo

async function open(): Promise<{ listener: RequestListener; headers: Record<string, string> }> {
  if (framework === 'express') {
    const { app, headers } = await expressApps[name]!(port)
    return { listener: app, headers }
  }
  const { app, headers } = await honoApps[name]!(port)
  const listener = getRequestListener(app.fetch)
  return { listener: (incoming, outgoing) => void listener(incoming, outgoing), headers }
}

const { listener, headers } = await open()
server.on('request', listener)

/** What the parent may ask for. */
export type Question = 'cpu' | 'profile' | 'profiled'
export type Answer = { cpu: NodeJS.CpuUsage } | { profile: Profiler.Profile | null }

const inspector = new Session()

async function answer(question: Question): Promise<Answer> {
  if (question === 'cpu') return { cpu: process.cpuUsage() }
  if (question === 'profiled') return { profile: (await inspector.post('Profiler.stop')).profile }
  inspector.connect()
  await inspector.post('Profiler.enable')
  await inspector.post('Profiler.setSamplingInterval', { interval: 200 })
  await inspector.post('Profiler.start')
  return { profile: null }
}

process.on('message', (question: Question) => {
  void answer(question).then((told) => process.send!(told))
})
// without a parent there is nothing to serve
process.on('disconnect', () => process.exit())
process.send!({ port, headers })
