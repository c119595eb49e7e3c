// Commits, and prints how it was refused.
import { isPairError } from '@pair/core'
import { fileStore } from '../../src/file-store/file-store.ts'

try {
  await fileStore(process.argv[2]!).commit([], [{ key: ['a'], value: 'x', purgeAt: null }])
} catch (error) {
  if (!isPairError(error)) throw error
  const { code, message, hint } = error
  console.log(JSON.stringify({ code, message, hint }))
}
