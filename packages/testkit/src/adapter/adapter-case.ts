import type { AdapterHarness } from './harness.ts'
import { startSite, type Site, type SiteOptions } from './site.ts'
import type { Told } from './told.ts'

/** Starts servers that end with the case. */
export type Start = (options?: SiteOptions) => Promise<Site>

/** One fact that holds for every adapter. */
export interface AdapterCase {
  /** Names the requirements that it shows. */
  name: string
  holds(start: Start): Promise<void>
}

/** Runs a case; answers what was told in it, in order. Throws where it does not hold. */
export async function runCase(harness: AdapterHarness, { holds }: AdapterCase): Promise<Told[]> {
  const told: Told[] = []
  const closing: (() => Promise<void>)[] = []
  try {
    await holds((options = {}) =>
      startSite(
        harness,
        options,
        (close) => void closing.push(close),
        (one) => void told.push(one),
      ),
    )
    return told
  } finally {
    for (const close of closing.reverse()) await close()
  }
}
