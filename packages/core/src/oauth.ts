import type { Extension, House, Opened } from './extension.ts'
import { oauthRoutes } from './http/oauth-routes.ts'
import { invalid } from './invalid-option.ts'
import { faultInClients, type OAuthClient } from './oauth/clients.ts'
import { createDeviceGrantService } from './oauth/device-grant-service.ts'
import { createPollingRecords } from './oauth/polling-records.ts'

export type { OAuthClient } from './oauth/clients.ts'
export type { Extension } from './extension.ts'

export interface OAuthOptions {
  /** The programs that may ask. Whoever decides is shown their labels, which no stranger chooses. */
  clients: readonly OAuthClient[]
  /** Where a person types the code that a device shows: the path of a page of the app. Default `/device`. */
  verificationPath?: string
}

const PATH = /^(?:\/(?!\.\.?(?:\/|$))[A-Za-z0-9._~-]+)+$/

/**
 * The device grant (RFC 8628) for programs without a browser: `POST /device_authorization`, `POST /token` and their metadata
 * (RFC 8414). Each request waits for a person like any other, who types the code that the device shows. It answers only
 * while admission is `approval` or `code+approval`.
 *
 * @throws PairError `config_invalid`, from `createPair` too, which names the option and the mend
 * @example
 * ```ts
 * import { createPair, memoryStore } from '@pair/core'
 * import { oauth } from '@pair/core/oauth'
 * const pair = createPair({
 *   secret: process.env.PAIR_SECRET ?? '',
 *   store: memoryStore(),
 *   admission: 'approval',
 *   extensions: [oauth({ clients: [{ id: 'notes-cli', label: 'Notes on the command line' }] })],
 * })
 * ```
 */
export function oauth(options: OAuthOptions): Extension {
  if (typeof options !== 'object' || options === null)
    throw invalid(
      'oauth',
      'be given options',
      "oauth({ clients: [{ id: 'cli', label: 'The CLI' }] })",
    )
  const { clients, verificationPath = '/device' } = options
  if (typeof verificationPath !== 'string' || !PATH.test(verificationPath))
    throw invalid(
      'oauth.verificationPath',
      'be the path of a page, without a query',
      "verificationPath: '/device'",
    )
  return {
    name: 'oauth',
    open({ ports, parts }: House): Opened {
      const { settings } = parts
      const fault = faultInClients(clients, settings.scopes)
      if (fault !== null)
        throw invalid('oauth.clients', fault, "clients: [{ id: 'cli', label: 'The CLI' }]")
      const grants = createDeviceGrantService(ports, createPollingRecords(ports.space))
      const known = clients.map((client) => ({ ...client }))
      return { routes: oauthRoutes({ clients: known, verificationPath, grants }, settings) }
    },
  }
}
