/**
 * What a device collects with, in one text: `<claim>`, and for who has no key `<claim>.<cookie>` with the secret that stands for
 * one elsewhere.
 */
export interface DeviceCode {
  claim: string
  cookie: string | null
}

const CODE = /^(apr_[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})(?:\.([A-Za-z0-9_-]{43}))?$/

export function formatDeviceCode({ claim, cookie }: DeviceCode): string {
  return cookie === null ? claim : `${claim}.${cookie}`
}

/** `null`: not a device code of ours. */
export function parseDeviceCode(text: string): DeviceCode | null {
  const [, claim, cookie = null] = CODE.exec(text) ?? []
  return claim === undefined ? null : { claim, cookie }
}
