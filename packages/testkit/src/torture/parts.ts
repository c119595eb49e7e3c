import { serveApp } from './app.ts'
import { fight } from './fighter.ts'
import type { Part } from './line.ts'
import { serveRedeemer } from './redeemer.ts'

export type PartName = 'app' | 'fighter' | 'redeemer'

/** What can be started. */
export const parts: Readonly<Record<PartName, Part>> = {
  app: serveApp,
  fighter: fight,
  redeemer: serveRedeemer,
}
