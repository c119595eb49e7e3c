import { readdir, readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import type { Pair } from '@pair/core'
import { problem } from './api.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

// Nothing inline, nothing from elsewhere, no text that becomes markup.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const headers: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache',
}

/**
 * Answers the pages and their files; `null` where there is none of that path. They are read once, so that no path of a
 * request ever becomes a path of this machine.
 */
export async function loadPages(folder: string): Promise<(path: string) => Response | null> {
  const files = new Map<string, { body: Uint8Array<ArrayBuffer>; type: string }>()
  for (const name of await readdir(folder, { recursive: true })) {
    const type = types[extname(name)]
    if (type === undefined) continue
    const path = `/${name.split(sep).join('/')}`
    files.set(path.replace(/^\/index\.html$/, '/').replace(/\.html$/, ''), {
      body: new Uint8Array(await readFile(join(folder, name))),
      type,
    })
  }
  return (path) => {
    const file = files.get(path)
    return file === undefined
      ? null
      : new Response(file.body, { headers: { ...headers, 'content-type': file.type } })
  }
}

/**
 * Answers what is neither ours nor the API's. The pages are for everybody, at our own host names alone. Nothing else of
 * the request counts: no cookie that was planted or ran out keeps anybody from the page that mends it, and whether a
 * proxy in front ended TLS is for the routes to judge, whose refusal the page shows.
 */
export function createPages(
  pair: Pair,
  files: (path: string) => Response | null,
): (request: Request) => Promise<Response> {
  return async ({ url, method }) => {
    const asked = await pair.identify(new Request(url), { encrypted: true })
    if (!asked.ok) return asked.response
    const isRead = method === 'GET' || method === 'HEAD'
    const page = isRead ? files(new URL(url).pathname) : null
    return page ?? problem(404, 'There is nothing here.')
  }
}
