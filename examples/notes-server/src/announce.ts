import type { Pair } from '@pair/core'
import { ownerBanner, startupBanner } from '@pair/node'
import type { Settings } from './settings.ts'

/** Prints how somebody gets in: by a code, as the first owner, or by whom it is decided. */
export async function announce(
  pair: Pair,
  {
    addresses,
    data,
    publicUrl,
  }: Pick<Settings, 'data' | 'publicUrl'> & { addresses: readonly string[] },
): Promise<void> {
  const origin = addresses[0]!
  const { items: devices } = await pair.devices.list()
  const paired = devices.filter(({ session }) => session !== null).length
  const { mode, stored } = await pair.admission.get()
  if (mode === 'code') {
    const code = await pair.startupCode({ origin })
    console.log(startupBanner({ ...code, name: 'Notes', addresses }))
  } else if (mode === 'unknown') {
    console.log(`\n  Notes is running at ${publicUrl ?? origin}\n`)
    console.log(
      `  The stored admission mode is "${plain(stored)}", which this version does not know:`,
    )
    console.log('  nobody new comes in. To set it anew, start with RECOVER_ADMISSION=approval')
  } else {
    const owner = await pair.ownerSecret({ origin })
    const base = publicUrl ?? origin
    // Over plain http a phone can have no key, and an owner needs one.
    const look = base.startsWith('https:') ? { addresses } : { addresses: [], qr: false }
    console.log(ownerBanner({ owner, origin: base, name: 'Notes', ...look }))
    if (owner !== null && !isKeyPossible(base))
      console.log('  Over plain http that works on this computer alone: start it with HOST=0.0.0.0')
    if (mode === 'closed') console.log('  Nobody new comes in, until that is changed there.')
    if (owner === null && paired === 0)
      console.log(`  Nobody is paired, and its owner link was used. To start anew, delete ${data}`)
  }
  if (paired > 0) console.log(`  Paired already, with no need of a code: ${paired}`)
}

/** Browsers have keys on https and on the computer itself. */
function isKeyPossible(origin: string): boolean {
  const { protocol, hostname } = new URL(origin)
  return protocol === 'https:' || /^(localhost|.+\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname)
}

/** Whoever wrote that word could move the cursor of this terminal. */
function plain(text: string | null): string {
  return (text ?? '').replace(/\p{Cc}/gu, '')
}
