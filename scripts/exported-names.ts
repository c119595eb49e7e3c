import { readFileSync, readdirSync } from 'node:fs'
import { readSource } from '../tests/architecture/source-file.ts'

/** The page that pins what every package exports. */
export const exportsFile = 'tests/exports.json'

export interface ExportedNames {
  values: string[]
  types: string[]
}

/** The names in each package's `index.ts`, sorted. */
export function exportedNames(): Record<string, ExportedNames> {
  return Object.fromEntries(
    readdirSync('packages')
      .sort()
      .map((name) => {
        const file = `packages/${name}/src/index.ts`
        const { exported } = readSource(file, readFileSync(file, 'utf8'))
        const of = (kind: 'value' | 'type'): string[] =>
          exported
            .filter((found) => found.kind === kind)
            .map((found) => found.name)
            .sort()
        return [`@pair/${name}`, { values: of('value'), types: of('type') }]
      }),
  )
}
