import { setTimeout as wait } from 'node:timers/promises'
import { memoryStore, type PairOptions } from '@pair/core'
import { createPorts } from '../../packages/core/src/create-ports.ts'
import { checkOptions } from '../../packages/core/src/options.ts'
import {
  createVerifyService,
  type VerifyService,
} from '../../packages/core/src/session/verify-service.ts'
import { startPaired, type Scope } from './paired.ts'

/** The service behind all guards by itself, which no public way leads to, and a token that it knows. */
export async function openVerifier(): Promise<{ verifier: VerifyService; token: string }> {
  const options: PairOptions<Scope> = {
    secret: 'a secret of the bench, 32 bytes or more',
    store: memoryStore(),
    scopes: ['notes:read'],
  }
  const { token } = await startPaired(3_000, options)
  const ports = createPorts(options, checkOptions(options))
  const verifier = createVerifyService({ ...ports, cache: ports.verified })
  // Known only once it is known too what changes.
  for (let tries = 0; tries < 100; tries++) {
    await verifier.verify(token, 'bearer')
    if (verifier.recall(token, 'bearer')?.ok) return { verifier, token }
    await wait(10)
  }
  throw new Error('the token is not remembered')
}
