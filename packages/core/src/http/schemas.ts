import * as z from 'zod/mini'
import { PairError } from '../errors.ts'
import type { ResourceTokenRequest, RotateRequest } from './token-wire.ts'
import type {
  AdmissionRequest,
  ClaimRequest,
  DecisionRequest,
  EntryRequest,
  OwnerRequest,
} from './approval-wire.ts'
import type {
  CodeRequest,
  DeviceRequest,
  PreviewRequest,
  RedeemRequest,
  RenewRequest,
  TicketRequest,
} from './wire.ts'

const nonce = z.optional(z.string().check(z.maxLength(128)))
const transport = z.optional(z.enum(['cookie', 'bearer', 'dpop']))
const scopes = z.array(z.string().check(z.maxLength(64))).check(z.maxLength(64))

const Device: z.ZodMiniType<DeviceRequest> = z.object({
  label: z.string(),
  kind: z.enum(['browser', 'app', 'agent']),
  publicKey: z.optional(
    z.union([
      z.object({
        kty: z.literal('EC'),
        crv: z.literal('P-256'),
        x: z.string(),
        y: z.string(),
        d: z.optional(z.never()),
      }),
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string(),
        d: z.optional(z.never()),
      }),
    ]),
  ),
}) as z.ZodMiniType<DeviceRequest>

export const Redeem: z.ZodMiniType<RedeemRequest> = z.object({
  code: z.string().check(z.maxLength(128)),
  device: z.optional(Device),
  transport,
  scopes: z.optional(scopes),
  nonce,
}) as z.ZodMiniType<RedeemRequest>

export const PreviewBody: z.ZodMiniType<PreviewRequest> = z.object({
  code: z.string().check(z.maxLength(128)),
})

export const EntryBody: z.ZodMiniType<EntryRequest> = z.object({
  device: Device,
  transport,
  scopes: z.optional(scopes),
  nonce,
}) as z.ZodMiniType<EntryRequest>

export const ClaimBody: z.ZodMiniType<ClaimRequest> = z.object({
  claim: z.string().check(z.maxLength(128)),
  waitSeconds: z.optional(z.int().check(z.gte(0), z.lte(25))),
  nonce,
}) as z.ZodMiniType<ClaimRequest>

export const OwnerBody: z.ZodMiniType<OwnerRequest> = z.object({
  secret: z.string().check(z.maxLength(128)),
  device: Device,
  transport,
}) as z.ZodMiniType<OwnerRequest>

export const DecisionBody: z.ZodMiniType<DecisionRequest> = z.object({
  digest: z.string().check(z.maxLength(64)),
  reason: z.optional(z.string()),
  scopes: z.optional(scopes),
  userCode: z.optional(z.string().check(z.maxLength(128))),
}) as z.ZodMiniType<DecisionRequest>

export const AdmissionBody: z.ZodMiniType<AdmissionRequest> = z.object({
  mode: z.enum(['closed', 'code', 'approval', 'code+approval']),
  version: z.nullable(z.string().check(z.maxLength(512))),
  reevaluate: z.optional(z.boolean()),
}) as z.ZodMiniType<AdmissionRequest>

export const Renew: z.ZodMiniType<RenewRequest> = z.object({
  refreshToken: z.optional(z.string().check(z.maxLength(128))),
}) as z.ZodMiniType<RenewRequest>

const resource = z.string().check(z.maxLength(161))
const mode = z.string().check(z.maxLength(31))

export const TicketBody: z.ZodMiniType<TicketRequest> = z
  .object({
    for: z.enum(['socket', 'stream']),
    resource: z.optional(resource),
    mode: z.optional(mode),
  })
  .check(
    z.refine((body) => (body.resource === undefined) === (body.mode === undefined), {
      path: ['mode'],
    }),
  ) as z.ZodMiniType<TicketRequest>

export const ResourceTokenBody: z.ZodMiniType<ResourceTokenRequest> = z.object({ resource, mode })

const lifeSeconds = z.optional(z.nullable(z.int().check(z.gte(1), z.lte(3_153_600_000))))

export const IssueBody: z.ZodMiniType<CodeRequest> = z.object({
  label: z.optional(z.string()),
  scopes: z.optional(scopes),
  uses: z.optional(z.union([z.number(), z.literal('unlimited')])),
  // Judged once more where codes are made; here the refusal names it as the wire does.
  expiresInSeconds: z.optional(z.int().check(z.gte(30), z.lte(2_592_000))),
  boundThumbprint: z.optional(z.string()),
  session: z.optional(z.object({ slidingSeconds: lifeSeconds, absoluteSeconds: lifeSeconds })),
}) as z.ZodMiniType<CodeRequest>

export const RotateBody: z.ZodMiniType<RotateRequest> = z.object({
  old: z.optional(z.enum(['live-out', 'end'])),
}) as z.ZodMiniType<RotateRequest>

export const NarrowBody: z.ZodMiniType<{ scopes: string[] }> = z.object({ scopes })

export const RenameBody: z.ZodMiniType<{ label: string }> = z.object({ label: z.string() })

/** The body as that schema has it; unknown members are ignored. @throws PairError `invalid_request`, which names the member */
export function parseBody<T>(schema: z.ZodMiniType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const path = parsed.error.issues[0]?.path.join('.') || 'the body'
  throw new PairError('invalid_request', {
    message: `\`${path.slice(0, 64)}\` is missing or not as it must be.`,
  })
}
