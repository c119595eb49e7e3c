import { sha256Base64Url } from '../encoding/bytes.ts'
import { PairError } from '../errors.ts'

/** Long enough that nobody guesses the name that another gave his request. */
const NAME = /^("?)([A-Za-z0-9._~-]{22,128})\1$/

/**
 * The hash of the `Idempotency-Key` of a request, bare or quoted; `null`: it has none. A second header of the name is joined by a
 * comma, which no such name holds.
 *
 * @throws PairError `invalid_request`
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07#section-2.1
 */
export function readIdempotencyKey(headers: Headers): string | null {
  const text = headers.get('idempotency-key')
  if (text === null) return null
  const name = NAME.exec(text)?.[2]
  if (name === undefined)
    throw new PairError('invalid_request', {
      message:
        'The `Idempotency-Key` is not one name of 22 to 128 letters, digits, `.`, `_`, `~`, `-`.',
      hint: 'Make a random one of 128 bits or more for each redemption, and send it once.',
    })
  return sha256Base64Url(name)
}
