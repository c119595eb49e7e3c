import { symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describeStore } from '@pair/testkit'
import { sqliteStore } from '../src/index.ts'
import { drivers } from './kit/drivers.ts'
import { newFolder } from './kit/files.ts'
import { remoteStore } from './kit/remote-store.ts'

for (const [name, options] of Object.entries(drivers)) {
  describeStore(name, () => {
    const { folder, remove } = newFolder()
    const file = join(folder, 'pair.db')
    // reached by a link, this handle alone can be cut off
    const link = join(folder, 'link.db')
    const cut = (): void => unlinkSync(link)
    const mend = (): void => symlinkSync(file, link)
    const handles = [sqliteStore(file, options)]
    mend()
    const store = sqliteStore(link, options)
    // the lock of the file is SQLite's own, the same in every driver: one of them shows it across processes
    const remotes = name === 'node:sqlite' ? [remoteStore(file)] : []
    return {
      store,
      others: [...handles, ...remotes],
      async reopen() {
        handles.at(-1)!.close()
        const again = sqliteStore(file, options)
        handles.push(again)
        return again
      },
      dropWatch: cut,
      restoreWatch: mend,
      async close() {
        for (const handle of [store, ...handles]) handle.close()
        await Promise.all(remotes.map((remote) => remote.close()))
        remove()
      },
    }
  })
}
