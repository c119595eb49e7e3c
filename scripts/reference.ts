// Writes the reference of errors and events into `docs/`: `pnpm run reference`. A test holds the pages to it.
import { writeFileSync } from 'node:fs'
import { referencePages } from './reference/pages.ts'

for (const [file, text] of Object.entries(referencePages())) writeFileSync(file, text)
