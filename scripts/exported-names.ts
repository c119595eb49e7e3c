import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readSource } from '../tests/architecture/source-file.ts'

/** The page that pins what every package exports. */
export const exportsFile = 'tests/exports.json'

export interface ExportedNames {
  values: string[]
  types: string[]
}

/** The source file behind each name that can be imported: `@pair/core`, `@pair/core/store`, … */
export function entryFiles(): Record<string, string> {
  return Object.fromEntries(
    readdirSync('packages')
      .sort()
      .flatMap((folder) => {
        const manifest = JSON.parse(readFileSync(`packages/${folder}/package.json`, 'utf8')) as {
          name: string
          exports: Record<string, string | { '@pair/source': string }>
        }
        return Object.entries(manifest.exports).flatMap(([path, to]) =>
          typeof to === 'string'
            ? []
            : [[join(manifest.name, path), join('packages', folder, to['@pair/source'])]],
        )
      }),
  )
}

/** The names that each entry of each package exports, sorted. */
export function exportedNames(): Record<string, ExportedNames> {
  return Object.fromEntries(
    Object.entries(entryFiles()).map(([name, file]) => {
      const { exported } = readSource(file, readFileSync(file, 'utf8'))
      const of = (kind: 'value' | 'type'): string[] =>
        exported
          .filter((found) => found.kind === kind)
          .map((found) => found.name)
          .sort()
      return [name, { values: of('value'), types: of('type') }]
    }),
  )
}
