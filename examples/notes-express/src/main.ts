import { fileURLToPath } from 'node:url'
import { start } from 'example-notes-server/start'
import { createServer } from './express.ts'

await start(createServer, fileURLToPath(new URL('..', import.meta.url)))
