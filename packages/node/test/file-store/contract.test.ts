import { symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describeStore } from '@pair/testkit'
import { fileStore } from '../../src/index.ts'
import { newFolder } from './files.ts'
import { remoteStore } from './remote-store.ts'

/** What is slow here is the machine; patience has tests of its own. */
const PATIENT = { busyMs: 20_000 }

describeStore('file', () => {
  const { folder, root, remove } = newFolder()
  const file = join(folder, 'pair.json')
  // reached by a link to the folder, this handle alone can be cut off
  const link = join(root, 'link')
  const cut = (): void => unlinkSync(link)
  const mend = (): void => symlinkSync(folder, link)
  mend()
  const handles = [fileStore(file, PATIENT)]
  const store = fileStore(join(link, 'pair.json'), PATIENT)
  const remote = remoteStore(file, PATIENT)
  return {
    store,
    others: [...handles, remote],
    async reopen() {
      await handles.at(-1)!.close()
      const again = fileStore(file, PATIENT)
      handles.push(again)
      return again
    },
    dropWatch: cut,
    restoreWatch: mend,
    async close() {
      for (const handle of [store, ...handles, remote]) await handle.close()
      remove()
    },
  }
})
