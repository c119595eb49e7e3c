import type { AdapterCase } from './adapter-case.ts'
import { accessCases } from './cases/access.ts'
import { bodyCases } from './cases/bodies.ts'
import { cookieCases } from './cases/cookies.ts'
import { credentialCases } from './cases/credentials.ts'
import { doubleCases } from './cases/doubles.ts'
import { mountCases } from './cases/mount.ts'
import { originCases } from './cases/origins.ts'
import { pairingCases } from './cases/pairing.ts'
import { proxyCases } from './cases/proxies.ts'
import { streamCases } from './cases/streams.ts'
import { socketCases } from './cases/sockets.ts'
import { helloCases } from './cases/hellos.ts'
import { socketEndCases } from './cases/socket-ends.ts'

/** All that every adapter does. */
export const adapterCases: readonly AdapterCase[] = [
  ...mountCases,
  ...pairingCases,
  ...accessCases,
  ...credentialCases,
  ...originCases,
  ...doubleCases,
  ...bodyCases,
  ...cookieCases,
  ...proxyCases,
  ...streamCases,
  ...socketCases,
  ...helloCases,
  ...socketEndCases,
]
