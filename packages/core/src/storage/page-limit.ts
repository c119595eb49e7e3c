import { PairError } from '../errors.ts'

/** Passes a page of 1 to 1,000 items: one of none or of half an item would look like the end. @throws PairError `invalid_request` */
export function checkPageLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1_000) return
  throw new PairError('invalid_request', {
    message: '`limit` must be a whole number from 1 to 1,000.',
  })
}
