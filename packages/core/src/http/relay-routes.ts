import * as z from 'zod/mini'
import type { MintService } from '../relay/mint-service.ts'
import { SECOND, toRfc3339, type Millis } from '../time.ts'
import { unlessUnknown } from './authentication.ts'
import { json, taking, type Route, type Visit } from './route.ts'

/** `POST /relay/mint` */
export interface MintBody {
  /** A compact JWS, `typ` `pair-relay+jwt`, signed by a registered relay. At most 4 KiB. */
  request: string
}

/** 200 of `POST /relay/mint`. */
export interface MintAnswerWire {
  /** A compact JWS of the same `typ`, signed by this server. */
  answer: string
}

/** `GET /relay` */
export interface RelayAnswer {
  /** The `aud` of requests, and the `iss` of answers. */
  audience: string
  maxAgeSeconds: number
  /** The clock of this server. */
  time: string
}

export const MintRequestBody: z.ZodMiniType<MintBody> = z.object({
  request: z.string().check(z.maxLength(4_096)),
})

/** What relays call. */
export function relayRoutes(
  minter: MintService,
  { audience, maxAgeMs }: { audience: string; maxAgeMs: Millis },
): readonly Route[] {
  async function describe({ parts }: Visit): Promise<Response> {
    const maxAgeSeconds = Math.floor(maxAgeMs / SECOND)
    const answer: RelayAnswer = { audience, maxAgeSeconds, time: toRfc3339(parts.clock()) }
    return json(answer)
  }

  async function mint(visit: Visit, read: () => MintBody): Promise<Response> {
    const { request } = read()
    const { parts, facts } = visit
    // Nobody guesses a signature: only what does not hold is counted, so that strangers hold up no relay.
    const minted = minter.mint(request, facts.address)
    const answer: MintAnswerWire = { answer: await unlessUnknown(parts, facts, minted) }
    return json(answer)
  }

  return [
    { method: 'GET', path: 'relay', handle: describe },
    { method: 'POST', path: 'relay/mint', ...taking(MintRequestBody, mint) },
  ]
}
