import { readFileSync } from 'node:fs'

/** The TypeScript blocks below "## Quick start" of README.md: for each framework one. */
export function quickStarts(): string[] {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const section = /^## Quick start\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(readme)?.[1] ?? ''
  const blocks = [...section.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
  if (blocks.length === 0) throw new Error('README.md has no ```ts block below "## Quick start"')
  return blocks
}

/** The path of its guarded route: `app.get('/x', requireSession(`. */
export function guardedPath(source: string): string {
  const path = /\.get\(\s*'([^']+)',\s*requireSession\(/.exec(source)?.[1]
  if (path === undefined) throw new Error('the quick start guards no route with requireSession')
  return path
}

/** The adapter that it shows: `hono`, `express`. */
export function adapterOf(source: string): string {
  return /from '@pair\/(hono|express)'/.exec(source)?.[1] ?? 'none'
}
