import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Rolldown } from 'vite'
import type { Product } from './instance.ts'

/** A change of one file of the product: its text, which has to be there once, and what stands in its place. */
export interface Edit {
  file: string
  from: string
  to: string
}

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url))
const ENTRY = fileURLToPath(new URL('./product.ts', import.meta.url))

/** The product as it is built from changed sources. @throws where a text is not there, or more than once */
export async function loadProduct(edits: readonly Edit[]): Promise<Product> {
  const files = new Map<string, Edit[]>()
  for (const edit of edits) files.set(edit.file, [...(files.get(edit.file) ?? []), edit])
  const applied = new Set<Edit>()
  const plugin = {
    name: 'seeded-fault',
    transform(code: string, id: string): string | null {
      const own = id.startsWith(SOURCES) ? files.get(id.slice(SOURCES.length)) : undefined
      if (!own) return null
      return own.reduce((text, edit) => {
        const count = text.split(edit.from).length - 1
        if (count !== 1) throw new Error(`${edit.file} has this ${count} times: ${edit.from}`)
        applied.add(edit)
        return text.replace(edit.from, () => edit.to)
      }, code)
    },
  }
  const output = (await build({
    configFile: false,
    logLevel: 'error',
    plugins: [{ ...plugin, enforce: 'pre' }],
    ssr: { noExternal: true },
    build: {
      ssr: ENTRY,
      write: false,
      minify: false,
      target: 'node20',
      rolldownOptions: { output: { format: 'es' } },
    },
  })) as Rolldown.RolldownOutput
  const missed = edits.find((edit) => !applied.has(edit))
  if (missed) throw new Error(`${missed.file} is no part of what was built`)
  const folder = await mkdtemp(join(tmpdir(), 'pair-explore-'))
  try {
    const file = join(folder, 'product.mjs')
    await writeFile(file, output.output[0].code)
    return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Product
  } finally {
    await rm(folder, { recursive: true })
  }
}
