// Pins the exported names of today: `pnpm run exports:update`. A name that goes is a breaking change.
import { writeFileSync } from 'node:fs'
import { exportedNames, exportsFile } from './exported-names.ts'

writeFileSync(exportsFile, `${JSON.stringify(exportedNames(), null, 2)}\n`)
