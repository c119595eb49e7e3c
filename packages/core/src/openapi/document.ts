import * as z from 'zod/mini'
import type { Route } from '../http/route.ts'
import * as answers from './answer-schemas.ts'
import * as extensionAnswers from './extension-answers.ts'
import { EXTENSION_OPERATIONS } from './extension-operations.ts'
import type { Caller, Operation } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { TAGS } from './tags.ts'

interface Told {
  route: Route
  operation: Operation
}

/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }
type Part = { [name: string]: Json }

export interface DocumentFacts {
  title: string
  /** The version of the app's own interface. */
  version: string
  /** Where clients reach this server, with the base path. */
  server: string
  /** The name of our cookie. */
  cookie: string
}

/** An OpenAPI 3.1.1 document of these routes. Those that no operation tells of are left out. */
export function toDocument(routes: readonly Route[], facts: DocumentFacts): Part {
  const told = routes.flatMap((route) => {
    const operation = operationOf(route)
    return operation ? [{ route, operation }] : []
  })
  const names = namesOf(told)
  const paths: Record<string, Part> = {}
  for (const { route, operation } of told) {
    const path = route.path.replace(/^\/?/, '/').replaceAll(/:(\w+)/g, '{$1}')
    const entry = (paths[path] ??= {})
    entry[route.method.toLowerCase()] = toOperation(route, operation, names)
    // A whole path does not stand below the base path.
    if (route.path.startsWith('/')) entry.servers = [{ url: new URL(facts.server).origin }]
  }
  const responses: Part = {
    Problem: {
      description: 'A refusal or fault (RFC 9457).',
      content: { 'application/problem+json': { schema: refTo(names.get(answers.Problem)) } },
    },
    ...(told.some(({ operation }) => operation.oauth) && {
      OAuthError: {
        description: 'A refusal (RFC 6749 §5.2).',
        content: { 'application/json': { schema: refTo(names.get(extensionAnswers.OAuthError)) } },
      },
    }),
  }
  return {
    openapi: '3.1.1',
    info: {
      title: facts.title,
      version: facts.version,
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'Pairing of browsers, devices and agents with this server. Unknown members of answers are to be ignored.',
    },
    servers: [{ url: facts.server }],
    security: [],
    tags: [...new Set(told.map(({ operation }) => operation.tag))].map((name) => ({
      name,
      description: TAGS[name] ?? name,
    })),
    paths,
    components: {
      schemas: schemasOf(names, { paths, responses }),
      responses,
      securitySchemes: {
        cookie: { type: 'apiKey', in: 'cookie', name: facts.cookie },
        bearer: { type: 'http', scheme: 'bearer' },
        dpop: {
          type: 'http',
          scheme: 'dpop',
          description: 'RFC 9449: the access token, with a proof in the header DPoP.',
        },
      },
    },
  }
}

/** What is told of a route; that of a whole path is known by its name, whatever stands behind it. */
export function operationOf({ method, path }: Route): Operation | undefined {
  const name = path.startsWith('/.well-known/') ? path.split('/', 3).join('/') : path
  return OPERATIONS[`${method} ${name}`] ?? EXTENSION_OPERATIONS[`${method} ${name}`]
}

function toOperation(route: Route, operation: Operation, names: Names): Part {
  const { id, tag, summary, caller, answers: byStatus } = operation
  const body = route.body ?? operation.body
  const parameters = [
    ...[...route.path.matchAll(/:(\w+)/g)].map(([, name]) =>
      parameter('path', name ?? '', 'Its id.'),
    ),
    ...(operation.paged
      ? [parameter('query', 'after', 'The `next` of the page before; absent: the first page.')]
      : []),
    ...Object.entries(operation.query ?? {}).map(([name, text]) => parameter('query', name, text)),
    ...Object.entries(operation.headers ?? {}).map(([name, text]) =>
      parameter('header', name, text),
    ),
  ]
  const problem = { $ref: `#/components/responses/${operation.oauth ? 'OAuthError' : 'Problem'}` }
  const responses: Part = {}
  for (const [status, schema] of Object.entries(byStatus))
    responses[status] = toResponse(Number(status), schema, operation, names)
  Object.assign(responses, { '4XX': problem, '5XX': { $ref: '#/components/responses/Problem' } })
  return {
    operationId: id,
    tags: [tag],
    summary,
    security: SECURITY[caller],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: {
          [operation.takes ?? 'application/json']: {
            schema: refTo(names.get(body)),
          },
        },
      },
    }),
    responses,
  }
}

const ANY_SESSION: Json[] = [{ cookie: [] }, { bearer: [] }, { dpop: [] }]
const SECURITY: Readonly<Record<Caller, Json[]>> = {
  anyone: [{}],
  session: ANY_SESSION,
  // A cookie of a device with a key needs a proof beside it there.
  'access:read': ANY_SESSION,
  'access:write': ANY_SESSION,
}

function toResponse(
  status: number,
  schema: z.ZodMiniType | null | string,
  operation: Operation,
  names: Names,
): Part {
  const description = STATUSES[status] ?? 'The answer.'
  if (schema === null) return { description }
  if (typeof schema === 'string') return { description, content: { [schema]: { schema: {} } } }
  return {
    description,
    content: {
      [operation.gives ?? 'application/json']: {
        schema: refTo(names.get(schema)),
      },
    },
  }
}

const STATUSES: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Made.',
  202: 'A person has yet to decide.',
  204: 'Done; there is nothing to tell.',
}

function parameter(where: 'path' | 'query' | 'header', name: string, description: string): Part {
  return { in: where, name, description, required: where === 'path', schema: { type: 'string' } }
}

function refTo(name: string | undefined): Part {
  return { $ref: `#/components/schemas/${name}` }
}

const NAMED = new Map<z.ZodMiniType, string>(
  Object.entries({ ...answers, ...extensionAnswers }).flatMap(([name, schema]) =>
    typeof schema === 'object' ? [[schema, name]] : [],
  ),
)

type Names = ReadonlyMap<z.ZodMiniType, string>

/** What each schema is called: by its own name, or that of the first operation that takes or gives it. */
function namesOf(told: readonly Told[]): Names {
  const names = new Map(NAMED)
  const name = (schema: unknown, otherwise: string): void => {
    if (typeof schema !== 'object' || schema === null) return
    if (!names.has(schema as z.ZodMiniType)) names.set(schema as z.ZodMiniType, otherwise)
  }
  for (const { route, operation } of told) {
    const { id } = operation
    const base = id.charAt(0).toUpperCase() + id.slice(1)
    name(route.body ?? operation.body, `${base}Body`)
    for (const schema of Object.values(operation.answers)) name(schema, `${base}Answer`)
  }
  return names
}

/** Every schema that the rest of the document names: of bodies as they may come, of answers as they go. */
function schemasOf(names: Names, rest: Part): Part {
  const registry = z.registry<{ id: string }>()
  for (const [schema, id] of names) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, {
    // As a body may come: who is answered ignores what he does not know.
    io: 'input',
    unrepresentable: 'any',
    // The format says it; the pattern of it is longer than all the rest.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
    },
    uri: (id) => `#/components/schemas/${id}`,
  })
  const all = new Map<string, Part>()
  for (const [name, schema] of Object.entries(schemas)) {
    const part = { ...schema } as Part
    // What they are called, and in which words they are written, the document says for all.
    delete part.$schema
    delete part.$id
    all.set(name, part)
  }
  const used = new Set(['Problem'])
  const use = (part: Json): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/#\/components\/schemas\/(\w+)"/g)) {
      if (used.has(name)) continue
      used.add(name)
      use(all.get(name) ?? {})
    }
  }
  use(rest)
  return Object.fromEntries([...all].filter(([name]) => used.has(name)))
}
