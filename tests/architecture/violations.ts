import { posix } from 'node:path'
import {
  ambient,
  drawers,
  layers,
  longestFile,
  mayFormatDates,
  mayTouchAmbient,
  type Layer,
} from './layers.ts'
import { readSource, type SourceFacts } from './source-file.ts'

/** The files of one package: path below `src/` and text. */
export type Sources = Readonly<Record<string, string>>

/** What breaks the rules that hold in every package. */
export function houseViolations(sources: Sources): string[] {
  return Object.entries(sources).flatMap(([path, text]) => {
    const facts = readSource(path, text)
    const found: string[] = []
    if (facts.lines > longestFile) found.push(`has ${facts.lines} lines, more than ${longestFile}`)
    if (drawers.test(path)) found.push('is a drawer: name it by its domain word')
    if (!/^([a-z0-9-]+\/)*[a-z0-9.-]+\.tsx?$/.test(path)) found.push('is not in kebab-case')
    if (facts.defaultExport) found.push('has a default export')
    for (const name of facts.classes) found.push(`has class ${name}, which is no Error`)
    for (const name of facts.mutable) found.push(`has mutable module state: ${name}`)
    if (facts.starExport) found.push('has `export *`: list the names')
    return found.map((what) => `${path} ${what}`)
  })
}

/** Imports of Node's own modules, which don't exist in browsers and Workers. */
export function nodeImports(sources: Sources): string[] {
  return importsOf(sources)
    .filter(({ from }) => from.startsWith('node:'))
    .map(({ path, from }) => `${path} imports ${from}`)
}

/** Imports of packages other than those, types aside. */
export function packageImports(sources: Sources, allowed: readonly string[]): string[] {
  return importsOf(sources)
    .filter(({ from, typeOnly }) => !from.startsWith('.') && !typeOnly)
    .filter(({ from }) => !allowed.includes(packageOf(from)))
    .map(({ path, from }) => `${path} imports ${from}`)
}

/** What breaks the layers of core. */
export function layerViolations(sources: Sources): string[] {
  return Object.entries(sources).flatMap(([path, text]) => {
    const [name, layer] = layerOf(path)
    if (!layer) return [`${path} is in no layer`]
    const facts = readSource(path, text, ambient)
    return [...importViolations(path, name, layer, facts), ...ambientViolations(path, facts)]
  })
}

function importViolations(path: string, name: string, layer: Layer, facts: SourceFacts): string[] {
  return facts.imports.flatMap(({ from, typeOnly }) => {
    if (!from.startsWith('.'))
      return has(layer.packages, packageOf(from)) ? [] : [`${path} (${name}) imports ${from}`]
    const target = posix.normalize(posix.join(posix.dirname(path), from))
    const [targetName] = layerOf(target)
    if (has(layer.imports, targetName) || (typeOnly && has(layer.types, targetName))) return []
    return [`${path} (${name}) imports ${typeOnly ? 'a type of ' : ''}${target} (${targetName})`]
  })
}

function has(list: string, name: string): boolean {
  return list === '*' || list.split(' ').includes(name)
}

function ambientViolations(path: string, facts: SourceFacts): string[] {
  if (mayTouchAmbient.test(path)) return []
  return facts.ambient
    .filter(({ formatsDate }) => !(formatsDate && mayFormatDates.test(path)))
    .map(({ name, line }) => `${path}:${line} uses ${name}, which is a port`)
}

function importsOf(sources: Sources): { path: string; from: string; typeOnly: boolean }[] {
  return Object.entries(sources).flatMap(([path, text]) =>
    readSource(path, text).imports.map((found) => ({ path, ...found })),
  )
}

function layerOf(path: string): [string, Layer | undefined] {
  return Object.entries(layers).find(([, { files }]) => files.test(path)) ?? ['none', undefined]
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '')
}
