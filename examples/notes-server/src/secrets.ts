import type { SecretSource } from '@pair/core'
import { fileSecrets } from '@pair/node'

/** The secrets of a folder; where the master secret is given, that one in place of its file. */
export function openSecrets(folder: string, master: string | undefined): SecretSource {
  const files = fileSecrets(folder)
  if (master === undefined) return files
  return {
    ...files,
    getOrCreate: async (name) =>
      name === 'master' ? new TextEncoder().encode(master) : await files.getOrCreate(name),
  }
}
