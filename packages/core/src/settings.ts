import type { AdmissionMode } from './admission/admission.ts'
import type { ApprovalTimes } from './approval/opening.ts'
import type { AuditSettings } from './audit/audit-options.ts'
import type { KeylessPolicy } from './bootstrap/code.ts'
import type { Policy } from './policy/policy.ts'
import type { ProxyRule } from './http/client-address.ts'
import type { RiskReport } from './risk/risk-options.ts'
import type { LimitSettings } from './limit/limits.ts'
import type { ResourceKinds } from './resource/resource.ts'
import type { Signing } from './token/keys-crypto.ts'
import type { SessionLife } from './session/session.ts'

/** The options as they were checked, with their defaults. */
export interface Settings {
  /** The app's, those of the modes of resources, then ours. */
  scopes: readonly string[]
  life: SessionLife
  accessMs: number
  /** How long a refresh token that was used is answered like its successor. */
  graceMs: number
  /** What a used code or refresh token that is brought again does, beside being told. */
  onReuse: 'audit' | 'end-session'
  signing: Signing
  keyless: KeylessPolicy
  /** Of the first start. */
  admission: AdmissionMode
  approval: ApprovalTimes
  audit: AuditSettings
  limits: LimitSettings
  policy: Policy
  resources: ResourceKinds
  risk: RiskReport
  /** Without a slash at its end. */
  publicUrl: string | undefined
  basePath: string
  /** `host` or `host:port`, lower case, beside loopback. */
  allowedHosts: readonly string[]
  allowedOrigins: readonly string[]
  proxy: ProxyRule
  allowInsecureLan: boolean
  namespace: string
}
