import { readFileSync } from 'node:fs'

/** The first TypeScript block below "## Quick start" of README.md. */
export function quickStart(): string {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const section = /^## Quick start\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(readme)?.[1] ?? ''
  const block = /^```ts\n([\s\S]*?)^```$/m.exec(section)?.[1]
  if (block === undefined) throw new Error('README.md has no ```ts block below "## Quick start"')
  return block
}

/** The path of its guarded route: `app.get('/x', requireSession(`. */
export function guardedPath(source: string): string {
  const path = /\.get\(\s*'([^']+)',\s*requireSession\(/.exec(source)?.[1]
  if (path === undefined) throw new Error('the quick start guards no route with requireSession')
  return path
}
