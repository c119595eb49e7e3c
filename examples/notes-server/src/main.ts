import { fileURLToPath } from 'node:url'
import { createServer } from './hono.ts'
import { start } from './start.ts'

await start(createServer, fileURLToPath(new URL('..', import.meta.url)))
