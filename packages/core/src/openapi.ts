import type { Extension, House, Opened } from './extension.ts'
import { json } from './http/route.ts'
import { invalid } from './invalid-option.ts'
import { toDocument } from './openapi/document.ts'

export interface OpenapiOptions {
  /** What the document is called. Default `@pair`. */
  title?: string
  /** The version of your interface. Default `1`. */
  version?: string
}

/**
 * Answers `GET <basePath>/openapi.json`: an OpenAPI 3.1 document of every route of this instance, made of the schemas that
 * the routes judge by.
 *
 * @throws PairError `config_invalid`
 * @example
 * ```ts
 * import { createPair, memoryStore } from '@pair/core'
 * import { openapi } from '@pair/core/openapi'
 * const secret = crypto.getRandomValues(new Uint8Array(32))
 * const pair = createPair({ secret, store: memoryStore(), extensions: [openapi({ title: 'Notes' })] })
 * ```
 */
export function openapi({ title = '@pair', version = '1' }: OpenapiOptions = {}): Extension {
  if (typeof title !== 'string' || title === '' || typeof version !== 'string' || version === '')
    throw invalid(
      'openapi',
      'have a title and a version that are texts',
      "openapi({ title: 'Notes' })",
    )
  return {
    name: 'openapi',
    open: ({ routes, parts: { settings } }: House): Opened => ({
      routes: [
        {
          method: 'GET',
          path: 'openapi.json',
          handle: async ({ facts, cookie }) => {
            const server = facts.linkBase + settings.basePath
            return json(toDocument(routes(), { title, version, server, cookie }))
          },
        },
      ],
    }),
  }
}
