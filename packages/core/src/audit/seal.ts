import type { Millis } from '../time.ts'

/** What a seal keeps of one item of the journal. */
export interface SealedItem {
  /** Its position. */
  id: string
  at: Millis
  /** The HMAC of the item's text. */
  digest: string
}

/** One link of the chain: what the journal held between two places, and the digest of the link before. */
export interface Seal {
  /** From 1, without a hole. */
  number: number
  /** The digest of the seal before; `null`: this is the first. */
  previous: string | null
  /** When that was made. */
  previousAt: Millis | null
  at: Millis
  /** The place behind which it begins: where the seal before ended. */
  from: string | null
  /** Its last item. */
  to: string
  /** Something behind `from` was forgotten before anybody sealed it. */
  gap: boolean
  items: readonly SealedItem[]
  /** The HMAC of all that, under a key that is not in the store. */
  digest: string
}

/** The newest seal, whose version decides who makes the next. */
export interface SealHead {
  number: number
  digest: string
  at: Millis
  to: string
}
