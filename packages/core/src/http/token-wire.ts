export interface ResourceTokenRequest {
  /** `<kind>` or `<kind>:<id>`. */
  resource: string
  mode: string
}

export interface ResourceTokenAnswer {
  resourceToken: string
  /** The scheme of `Authorization` with which it is presented: by `DPoP`, with a proof, where the session has a key. */
  tokenType: 'Bearer' | 'DPoP'
  expiresAt: string
  resource: string
  mode: string
}

/** What becomes of what older keys signed; default `live-out`. */
export interface RotateRequest {
  old?: 'live-out' | 'end'
}

/** A generation of signing keys. */
export interface SigningKeyAnswer {
  id: string
  /** Whether it signs now. */
  signing: boolean
  createdAt: string
  /** Signs from then on. */
  activeAt: string
  /** What it signed counts until then; `null`: it was not superseded. */
  acceptUntil: string | null
}
