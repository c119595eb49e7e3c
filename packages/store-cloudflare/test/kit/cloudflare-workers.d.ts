declare module 'cloudflare:workers' {
  import type { ObjectStorage } from '@pair/store-cloudflare'

  export const env: unknown

  export abstract class DurableObject<Env = unknown> {
    protected ctx: {
      storage: ObjectStorage & { sync(): Promise<void> }
      abort(reason?: string): void
    }
    protected env: Env
    constructor(ctx: unknown, env: Env)
  }

  export abstract class WorkerEntrypoint<Env = unknown> {
    protected env: Env
    constructor(ctx: unknown, env: Env)
  }
}
