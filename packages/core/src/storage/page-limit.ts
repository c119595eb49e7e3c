import { isAsciiToken } from '../encoding/text.ts'
import { PairError } from '../errors.ts'

/** Passes a page of 1 to 1,000 items: one of none or of half an item would look like the end. @throws PairError `invalid_request` */
export function checkPageLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1_000) return
  throw new PairError('invalid_request', {
    message: '`limit` must be a whole number from 1 to 1,000.',
  })
}

/** Passes where a page begins: `null`, or what can stand in a key or a position. @throws PairError `invalid_request` */
export function checkAfter(after: string | null): void {
  if (after === null || isAsciiToken(after)) return
  throw new PairError('invalid_request', { message: '`after` is not the `next` of a page.' })
}
