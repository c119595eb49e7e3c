import type { AdapterCase } from './adapter-case.ts'
import { accessCases } from './cases/access.ts'
import { admissionCases } from './cases/admissions.ts'
import { agentCases } from './cases/agents.ts'
import { bodyCases } from './cases/bodies.ts'
import { cookieCases } from './cases/cookies.ts'
import { credentialCases } from './cases/credentials.ts'
import { decisionCases } from './cases/decisions.ts'
import { deviceGrantCases } from './cases/device-grants.ts'
import { doubleCases } from './cases/doubles.ts'
import { entryCases } from './cases/entries.ts'
import { keyCases } from './cases/keys.ts'
import { limitCases } from './cases/limits.ts'
import { lockoutCases } from './cases/lockouts.ts'
import { mountCases } from './cases/mount.ts'
import { originCases } from './cases/origins.ts'
import { pairingCases } from './cases/pairing.ts'
import { proxyCases } from './cases/proxies.ts'
import { relayCases } from './cases/relays.ts'
import { requestCases } from './cases/requests.ts'
import { resourceCases } from './cases/resources.ts'
import { streamCases } from './cases/streams.ts'
import { socketCases } from './cases/sockets.ts'
import { helloCases } from './cases/hellos.ts'
import { socketEndCases } from './cases/socket-ends.ts'
import { waitCases } from './cases/waits.ts'

/** All that every adapter does. */
export const adapterCases: readonly AdapterCase[] = [
  ...mountCases,
  ...pairingCases,
  ...entryCases,
  ...requestCases,
  ...decisionCases,
  ...admissionCases,
  ...waitCases,
  ...accessCases,
  ...keyCases,
  ...credentialCases,
  ...originCases,
  ...doubleCases,
  ...bodyCases,
  ...cookieCases,
  ...proxyCases,
  ...limitCases,
  ...lockoutCases,
  ...streamCases,
  ...socketCases,
  ...helloCases,
  ...socketEndCases,
  ...resourceCases,
  ...agentCases,
  ...deviceGrantCases,
  ...relayCases,
]
