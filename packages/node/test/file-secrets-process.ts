// A process of its own that keeps secrets: it does what its parent asks, and says how that went.
import { execSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { fileSecrets } from '../src/file-secrets.ts'
import type { Asked } from './file-secrets-children.ts'

const held: number[] = []

async function answer({ call, folder, name }: Asked): Promise<unknown> {
  const secrets = fileSecrets(folder)
  if (call === 'getOrCreate') return Buffer.from(await secrets.getOrCreate(name)).toString('hex')
  if (call === 'markSpent' || call === 'isSpent' || call === 'remove')
    return await secrets[call](name)
  if (call === 'umask') return process.umask(Number.parseInt(name, 8))
  if (call === 'shell') return execSync(name, { stdio: 'pipe' }).toString()
  if (call === 'free') return held.splice(0).forEach((file) => closeSync(file))
  if (call === 'exhaust') return holdAllDescriptors()
  // one after the other, until this process is killed
  for (let count = 0; ; count++)
    process.send?.([
      `${name}${count}`,
      await answer({ call: 'getOrCreate', folder, name: `${name}${count}` }),
    ])
}

function holdAllDescriptors(): void {
  try {
    for (;;) held.push(openSync('/dev/null', 'r'))
  } catch {
    // now there are none left
  }
}

process.on('message', (asked: Asked) => {
  answer(asked).then(
    (value) => process.send?.({ value }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
// at once: whoever is killed keeps no cache for the next
flushCompileCache()
process.send?.('ready')
